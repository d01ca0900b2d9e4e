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

// How much of a text's length is used, told beside the field and, where it is nearly used up, aloud.
for (const field of document.querySelectorAll("[data-count]")) {
  const told = document.createElement("span");
  told.className = "count-left";
  field.after(told);
  const tell = () => {
    told.textContent = field.dataset.count.replace("{n}", field.value.length);
    told.setAttribute("aria-live", field.value.length > field.maxLength * 0.9 ? "polite" : "off");
  };
  field.addEventListener("input", tell);
  tell();
}

// On a phone the menu scrolls: where one is stands in sight.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
