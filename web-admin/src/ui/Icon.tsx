/** Our own icons, drawn on a grid of 20 with one stroke. */

const PATHS = {
  book: "M10 5.500C8.500 4.300 6 3.900 3.500 4.200v11c2.500-.300 5 .100 6.500 1.300 1.500-1.200 4-1.600 6.500-1.300v-11c-2.500-.300-5 .100-6.500 1.300zM10 5.500v11",
  overview: "M3 16.500V10m4.700 6.500V4m4.600 12.500V8M17 16.500v-5",
  users: "M7.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.500 16.500c.300-3 2.200-4.500 5-4.500s4.700 1.500 5 4.500M13 4a2.800 2.800 0 0 1 0 5.200M14.500 12.300c1.800.500 2.800 1.900 3 4.200",
  bell: "M10 3a4.500 4.500 0 0 0-4.500 4.500c0 4-2 5-2 6.500h13c0-1.500-2-2.500-2-6.500A4.500 4.500 0 0 0 10 3ZM8.300 16.500a1.800 1.800 0 0 0 3.400 0",
  login: "M9 3.500h5.500a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H9M3 10h9m-3-3 3 3-3 3",
  policy: "M4 16.500V9a6 6 0 0 1 12 0v7.500ZM10 16.500v-5.200a2.400 2.400 0 0 1 4.800 0",
  rollout: "M3 15.500c4 0 3.500-5 7-5s3-5 7-5M14.500 3 17 5.500 14.500 8",
  messages: "M3.500 4.500h13v9h-7l-3.500 3v-3H3.500Z",
  integrate: "m7 6-4 4 4 4m6-8 4 4-4 4m-2-10-2 12",
  billing: "M3 5.500h14v9H3Zm0 3h14M6 12h3",
  audit: "M5 3.500h10v13H5Zm2.500 4h5m-5 3h5m-5 3h3",
  team: "M10 8.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM10 8.500V12m0 0-5 4m5-4 5 4",
  search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11Zm4-1.500 4 4",
  plus: "M10 4v12M4 10h12",
  more: "M4.500 10h.100M10 10h.100M15.500 10h.100",
  check: "m4 10.500 4 4 8-9",
  close: "m5 5 10 10M15 5 5 15",
  warn: "M10 3.500 17.500 16.500h-15ZM10 8.500v3.500m0 2.200v.100",
  info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm0-7.500V13m0-6.200v.100",
  phone: "M6.500 2.500h7v15h-7Zm2.500 12.500h2",
  mail: "M3 5h14v10H3Zm0 .500 7 5.500 7-5.500",
  key: "M12.500 11a3.800 3.800 0 1 0-3.600-2.600L3.500 14v2.500h3v-2H8V13l1.500-2.200",
  app: "M4 4h4.500v4.500H4Zm7.500 0H16v4.500h-4.500ZM4 11.500h4.500V16H4Zm7.500 0h2v2h-2Zm2.500 2.500h2v2h-2Z",
  codes: "M3.500 5.500h13v9h-13ZM6.500 9v2m3.500-2v2m3.500-2v2",
  down: "m5 8 5 5 5-5",
  right: "m8 5 5 5-5 5",
  left: "m12 5-5 5 5 5",
  sun: "M10 13.200a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400ZM10 2v2m0 12v2M2 10h2m12 0h2M4.300 4.300l1.400 1.400m8.600 8.600 1.400 1.400M4.300 15.700l1.400-1.400m8.600-8.600 1.400-1.400",
  moon: "M16.500 11.800A7 7 0 0 1 8.200 3.500a7 7 0 1 0 8.300 8.300Z",
  out: "M11 3.500H5.500a2 2 0 0 0-2 2v9a2 2 0 0 0 2 2H11M8 10h9m-3-3 3 3-3 3",
  copy: "M7 7h9v9H7ZM4 13V4h9",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm0-11v4l2.700 2",
  menu: "M3.500 6h13m-13 4h13m-13 4h13",
  trash: "M4 5.500h12M8 5.500v-2h4v2M5.500 5.500l.800 11h7.400l.800-11",
  edit: "m4 13.500-.500 3 3-.500L16 6.500 13.500 4Z",
  lock: "M4.500 9h11v8h-11Zm2.500 0V6.500a3 3 0 0 1 6 0V9m-3 3v2",
  open: "M4.500 9h11v8h-11Zm2.500 0V6.500a3 3 0 0 1 5.800-1.100",
  undo: "M4 8.500h8a4 4 0 0 1 0 8H8M7 5 3.500 8.500 7 12",
  device: "M3 4.500h14v8.500H3Zm4 12h6",
  building: "M4 16.500v-13h7v13m0-9h5v9M6.500 6.500h2m-2 3h2m-2 3h2M2.500 16.500h15",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it means stands beside it, or in the label of what it is in. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={1.5}
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <path d={PATHS[name]} />
    </svg>
  );
}
