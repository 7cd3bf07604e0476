"""The sign-in page: one form, no script of others. It speaks English or Chinese as the browser does."""

from __future__ import annotations

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vitascope</title><link rel="stylesheet" href="/sign-in/sign-in.css">
<script src="/sign-in/sign-in.js" defer></script></head>
<body><main><h1>Vitascope</h1>
<form id="form" method="post">
<label for="name" data-zh="名称">Name</label>
<input id="name" name="name" autocomplete="username" required maxlength="200">
<label for="password" data-zh="密码">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000">
<button type="submit" data-zh="登录">Sign in</button>
<p id="said" role="alert" aria-live="assertive"></p>
</form>PROVIDER</main></body></html>
"""
_PROVIDER = '<p><a href="/v1/session/oidc" data-zh="使用身份提供方登录">Sign in with your identity provider</a></p>'
ON = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Vitascope</title>'
    '<meta http-equiv="refresh" content="0; url=/"></head><body><a href="/">Vitascope</a></body></html>'
)
_SCRIPT = """"use strict";
const zh = (navigator.language || "").toLowerCase().startsWith("zh");
const texts = zh
  ? { wrong: "名称或密码不正确。", many: "错误次数过多，请稍后再试。", failed: "无法连接服务器。" }
  : { wrong: "The name or the password is wrong.", many: "Too many wrong tries: wait a while.",
      failed: "The server does not answer." };
if (zh) {
  document.documentElement.lang = "zh";
  for (const one of document.querySelectorAll("[data-zh]")) one.textContent = one.dataset.zh;
}
const form = document.getElementById("form"), said = document.getElementById("said");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  const told = { name: form.elements.name.value, password: form.elements.password.value };
  try {
    const answer = await fetch("/v1/session", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(told),
    });
    if (answer.ok) { location.replace("/"); return; }
    said.textContent = answer.status === 429 ? texts.many : texts.wrong;
  } catch { said.textContent = texts.failed; }
  form.elements.password.value = "";
  form.elements.password.focus();
});
"""
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(22rem, calc(100vw - 2rem)); }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
label { display: block; margin: .75rem 0 .25rem; }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem .7rem; border-radius: .5rem; }
input { border: 1px solid GrayText; background: Field; color: FieldText; }
button { margin-top: 1.25rem; border: 0; background: #2f5bd7; color: #fff; cursor: pointer; }
:focus-visible { outline: 3px solid #7aa2ff; outline-offset: 2px; }
#said { min-height: 1.5em; margin: .75rem 0 0; }
a { color: LinkText; }
"""
PARTS = {
    "sign-in.js": (_SCRIPT, "text/javascript; charset=utf-8"),
    "sign-in.css": (_STYLE, "text/css; charset=utf-8"),
}


def page(provider: bool) -> str:
    """The page; `provider`: with a way to the identity provider."""
    return _PAGE.replace("PROVIDER", _PROVIDER if provider else "")
