// Every request that htmx makes carries the form token of the session.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.body.dataset.formToken;
  if (token) event.detail.ctx.request.headers["X-Form-Token"] = token;
});

// What is saved while somebody writes goes out one after the other: each with the version that the last one gave.
document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  const version = sourceElement.querySelector?.("[data-version]");
  if (version && request.body instanceof URLSearchParams) request.body.set("version", version.value);
});

// A pause for reading: the button waits its seconds out. The server refuses an earlier click anyway.
for (const button of document.querySelectorAll("[data-wait]")) {
  const word = button.textContent;
  const until = performance.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.waitText.replace("{n}", left) : word;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}
