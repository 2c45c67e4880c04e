/**
 * The header without which Django takes no request that changes something.
 *
 * The cookie is read anew each time: signing in changes the token, also in another tab while this page stays open. A
 * browser that hides the cookie from scripts still has the token that the page's own forms carry.
 */
const COOKIE = "csrftoken";

/** @returns {{"X-CSRFToken"?: string}} to be spread into a request's headers */
export function csrfHeaders(page = globalThis.document) {
  const token = cookieNamed(COOKIE, page.cookie) || page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  return token ? { "X-CSRFToken": token } : {};
}

function cookieNamed(name, cookies) {
  const found = cookies.split("; ").find((cookie) => cookie.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}
