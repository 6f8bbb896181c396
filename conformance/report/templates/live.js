// Follows the sessions of `mailspec serve`: a row each, and the conversation of the one that is open.
(function () {
  var body = document.querySelector("#sessions tbody"), part = document.getElementById("session");
  var state = document.getElementById("state"), rows = new Map(), open = 0, chosen = false;
  var fetching = false, again = false;

  function cell(row, text, label, css) {
    var made = row.insertCell();
    made.textContent = text;
    if (label) made.dataset.label = label;
    if (css) made.className = css;
    return made;
  }

  function fill(row, session) {
    row.replaceChildren();
    var button = document.createElement("button");
    button.textContent = session.number;
    button.setAttribute("aria-label", "Show session " + session.number);
    button.addEventListener("click", function () { chosen = true; show(session.number); });
    cell(row, "", "no.", "number").append(button);
    var badge = document.createElement("span");
    badge.textContent = session.verdict || "live";
    badge.className = "verdict " + (session.verdict || "info").toLowerCase();
    cell(row, "").append(badge);
    cell(row, session.name, "", "mono free");
    cell(row, session.peer, "client", "mono free");
    cell(row, new Date(session.began).toLocaleTimeString(), "began");
    cell(row, session.seconds === null ? "" : session.seconds.toFixed(1), "seconds", "number");
  }

  function show(number) {
    open = number;
    rows.forEach(function (row, each) { row.classList.toggle("target", each === open); });
    read();
  }

  // One question at a time, however fast the session is.
  function read() {
    if (fetching) { again = true; return; }
    fetching = true;
    again = false;
    var number = open;
    fetch("/sessions/" + number).then(function (answer) { return answer.text(); }).then(function (text) {
      if (number !== open) return;
      var unfolded = [...part.querySelectorAll("details")].map(function (each) { return each.open; });
      var same = part.dataset.number === String(number);
      part.innerHTML = text;  // the server has escaped what clients sent
      part.dataset.number = number;
      if (same) part.querySelectorAll("details").forEach(function (each, n) { each.open = !!unfolded[n]; });
    }).catch(function () {}).finally(function () {
      fetching = false;
      if (again) setTimeout(read, 100);
    });
  }

  var source = new EventSource("/events");
  source.addEventListener("again", function () {
    state.textContent = "live: waiting for clients";
    rows.forEach(function (row) { row.remove(); });
    rows.clear();
  });
  source.addEventListener("sessions", function (event) {
    var news = JSON.parse(event.data), newest = 0;
    news.sessions.forEach(function (session) {
      var row = rows.get(session.number);
      if (!row) {
        row = body.insertRow(0);
        rows.set(session.number, row);
        newest = Math.max(newest, session.number);
      }
      fill(row, session);
      row.classList.toggle("target", session.number === open);
      if (session.number === open) read();
    });
    var known = new Set(news.known);
    rows.forEach(function (row, number) {
      if (!known.has(number)) { row.remove(); rows.delete(number); }
    });
    state.textContent = "live: " + rows.size + (rows.size === 1 ? " session" : " sessions");
    if (newest && !chosen) show(newest);
  });
  source.onerror = function () { state.textContent = "the server has ended, or does not answer; trying again"; };
})();
