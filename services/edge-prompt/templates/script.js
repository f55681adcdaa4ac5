(() => {
  // The countdown until the code can be asked for again. Without this the button simply answers "too soon".
  const again = document.querySelector("[data-wait]");
  if (again) {
    const button = again.querySelector("button");
    const words = again.querySelector("[data-words]");
    let left = Number(again.dataset.wait);
    const show = () => {
      button.disabled = left > 0;
      words.hidden = left <= 0;
      words.textContent = words.dataset.words.replace("{seconds}", left);
      if (left-- > 0) setTimeout(show, 1000);
    };
    show();
  }
  // Asks once in a while whether the advisor has answered; `hidden` pages rest.
  if (document.querySelector("[data-waiting]")) {
    setInterval(() => document.visibilityState === "visible" && !document.querySelector("input:focus")?.value && location.reload(), 5000);
  }
  // A phone that offers the code from the text message.
  const code = document.querySelector("input[autocomplete=one-time-code]");
  if (code && "OTPCredential" in window) {
    const stop = new AbortController();
    code.form.addEventListener("submit", () => stop.abort());
    navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal })
      .then((found) => { code.value = found.code; code.form.requestSubmit(); }).catch(() => {});
  }
  // One press, one request.
  document.addEventListener("submit", (event) => setTimeout(() => event.target.querySelectorAll("button").forEach((button) => { button.disabled = true; })));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
