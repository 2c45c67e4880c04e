const SVG = "http://www.w3.org/2000/svg";

export function html(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The JSON that a page left inside an element: its <script type="application/json">. */
export function jsonInside(element) {
  const script = element.querySelector('script[type="application/json"]');
  return script ? JSON.parse(script.textContent) : null;
}
