// Every request that htmx makes carries the form token of the session.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.body.dataset.formToken;
  if (token) event.detail.ctx.request.headers["X-Form-Token"] = token;
});
