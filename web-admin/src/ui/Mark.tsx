/** The mark: a gate, and in it the second door, ajar. */

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <path d="M3 29V15a13 13 0 0 1 26 0v14z" fill="#e8f4ef" />
      <path d="M16 29V17.500a5 5 0 0 1 10 0V29z" fill="#0e3f2f" />
      <path d="M16 29V17.500a5 5 0 0 1 4-4.900V29z" fill="#2a7a5f" />
      <circle cx="18.300" cy="21.500" r="1.200" fill="#e5b854" />
    </svg>
  );
}
