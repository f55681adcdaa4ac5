(() => {
  // The one thing on these pages that a form cannot do. Where the browser cannot either, the words stay.
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  document.querySelector("[data-unable]").hidden = true;
  form.hidden = false;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const ids = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  const given = JSON.parse(form.dataset.options);
  const publicKey = { ...given, challenge: bytes(given.challenge), allowCredentials: ids(given.allowCredentials), excludeCredentials: ids(given.excludeCredentials) };
  if (given.user) publicKey.user = { ...given.user, id: bytes(given.user.id) };
  // WebAuthn §5.1, `toJSON()`, which not every browser has.
  const written = ({ id, rawId, type, response }) => JSON.stringify({
    id, type, rawId: text(rawId), clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), transports: response.getTransports?.(),
      authenticatorData: text(response.authenticatorData), signature: text(response.signature), userHandle: text(response.userHandle),
    },
  });
  const words = form.querySelector("[data-words]");
  form.addEventListener("submit", async (event) => {
    if (form.credential.value) return;
    event.preventDefault();
    event.stopPropagation();
    words.textContent = "";
    try {
      form.credential.value = written(await navigator.credentials[given.user ? "create" : "get"]({ publicKey }));
      form.requestSubmit();
    } catch {
      words.textContent = words.dataset.words;
    }
  });
})();
