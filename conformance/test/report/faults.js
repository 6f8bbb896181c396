// What makes this page hard to read: too wide, a word that is broken, a text of too little contrast.
const found = [];
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide > 0) found.push(`the page is ${wide} px wider than the window`);

function scrolls(element) {
  for (let up = element; up; up = up.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return true;
  }
  return false;
}

// A canvas turns every form of a colour into red, green, blue and alpha.
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
pen.canvas.width = pen.canvas.height = 1;
function paint(colours) {
  pen.clearRect(0, 0, 1, 1);
  colours.forEach(function (colour) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); });
  return [...pen.getImageData(0, 0, 1, 1).data];
}
function light(pixel) {
  const [r, g, b] = pixel.map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrasts = new Map();
function contrast(element) {
  const below = ["Canvas"];  // what a page without a colour of its own has below it
  for (let up = element; up; up = up.parentElement) below.splice(1, 0, getComputedStyle(up).backgroundColor);
  const key = below.join() + getComputedStyle(element).color;
  if (!contrasts.has(key)) {
    const [ground, ink] = [paint(below), paint([...below, getComputedStyle(element).color])].map(light);
    contrasts.set(key, (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05));
  }
  return contrasts.get(key);
}

const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const range = document.createRange();
for (let node = walk.nextNode(); node && found.length < 20; node = walk.nextNode()) {
  const element = node.parentElement;
  if (!node.data.trim() || /SCRIPT|STYLE|NOSCRIPT/.test(element.tagName) || element.closest(".unseen, svg")) continue;
  if (!element.checkVisibility()) continue;
  const ratio = contrast(element);
  if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(1)}: ${node.data.trim().slice(0, 40)}`);
  if (element.closest("pre, .talk")) continue;  // octets may be broken anywhere
  for (const word of node.data.matchAll(/[A-Za-z]{2,24}/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
    if (new Set(boxes.map((box) => Math.round(box.top))).size > 1 && !element.closest(".turned")) {
      found.push(`a broken word: ${word[0]}`);
    }
    if (boxes.some((box) => box.right > innerWidth + 1) && !scrolls(element)) {
      found.push(`out of the window: ${word[0]}`);
    }
  }
}
return found;
