// Comfort only: every page works without this. Counts down to the moment when a code can be sent again.
for (const box of document.querySelectorAll('[data-countdown]')) {
  const button = box.parentElement.querySelector('button');
  const shown = box.querySelector('[data-seconds]');
  const end = performance.now() + Number(box.dataset.countdown) * 1000;
  button.disabled = true;
  const timer = setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000);
    shown.textContent = String(Math.max(0, left));
    if (left > 0) return;
    clearInterval(timer);
    button.disabled = false;
    box.remove();
  }, 250);
}
