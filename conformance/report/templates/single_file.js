// Shows the pages that are inside this file. `#/NAME#PLACE` in the address is the page NAME, at PLACE.
(function () {
  var packed = document.getElementById("pages"), pages = null, shown = "";
  var home = document.createElement("div"), other = document.createElement("div");
  home.className = other.className = "page";
  while (document.body.firstChild) home.appendChild(document.body.firstChild);
  document.body.append(home);
  var title = document.title;

  async function unpack() {
    var octets = Uint8Array.from(atob(packed.textContent), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("deflate"));
    pages = JSON.parse(await new Response(stream).text());
    packed.remove();
  }

  // The name of the page that a link of the page `from` leads to; "" is the first page.
  function resolve(link, from) {
    var path = new URL(link, "file:///site/" + from).pathname.replace("/site/", "");
    return decodeURIComponent(path).replace(/^index\.html$/, "");
  }

  // A link to a file that is not inside here, such as a log, leads nowhere.
  function settle(root, from) {
    root.querySelectorAll("a[href]").forEach(function (link) {
      var words = link.getAttribute("href").split("#"), name = words[0] ? resolve(words[0], from) : from;
      if (name && !pages[name]) { link.removeAttribute("href"); return; }
      link.setAttribute("href", "#/" + encodeURI(name) + (words[1] ? "#" + words[1] : ""));
    });
  }

  // Scripts that come with innerHTML do not run; these are put in anew.
  function run(root) {
    root.querySelectorAll("script").forEach(function (old) {
      var script = document.createElement("script");
      script.textContent = old.textContent;
      old.replaceWith(script);
    });
  }

  function show() {
    var words = location.hash.replace(/^#\/?/, "").split("#"), name = decodeURI(words[0]);
    var place = words[1] ? decodeURIComponent(words[1]) : "";
    if (name && !pages[name]) name = "";
    if (name !== shown) {
      document.body.replaceChildren(name ? other : home);
      document.title = name ? pages[name][0] : title;
      if (name) { other.innerHTML = pages[name][1]; settle(other, name); run(other); }
      shown = name;
      scrollTo(0, 0);
    }
    document.querySelectorAll(".target").forEach(function (row) { row.classList.remove("target"); });
    var row = place && document.getElementById(place);
    if (row) {
      row.classList.add("target");
      for (var up = row; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
      row.scrollIntoView({ block: "center" });
    }
  }

  unpack().then(function () {
    settle(home, "");
    addEventListener("hashchange", show);
    show();
  });
})();
