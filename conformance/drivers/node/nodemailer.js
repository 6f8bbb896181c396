#!/usr/bin/env node
// The driver of nodemailer: JSON lines on stdin, answers on stdout. It adds nothing to the library and
// fixes nothing: the goal smtp.send is one sendMail() on a transport of its own, with the message as raw.
const fs = require("fs");
const readline = require("readline");

// A Node that is not of Debian does not look where Debian has its modules.
const library = ["nodemailer", "/usr/share/nodejs/nodemailer"].find((name) => {
  try {
    return require.resolve(name);
  } catch {
    return false;
  }
});
if (!library) {
  console.error("there is no nodemailer; install the package node-nodemailer");
  process.exit(1);
}
const nodemailer = require(library);
const { version } = require(`${library}/package.json`);

const FEATURES = ["goals", "ipv6", "tls.implicit", "tls.starttls", "smtp", "smtp.multi-rcpt", "smtp.lmtp",
  "smtp.smtputf8", "smtp.auth.plain", "smtp.auth.login", "smtp.auth.cram-md5", "smtp.auth.xoauth2"];
const KNOWN = new Set(["seq", "goal", "host", "port", "tls", "policy", "ca", "timeout_ms", "login", "mech", "user",
  "secret", "name", "from", "to", "message", "lmtp"]);
const MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"];

class Unsupported extends Error {}

// The arguments: `x_b64` as `x`. A text that is not UTF-8 cannot be given to a library of strings.
function argumentsOf(row) {
  const args = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null) continue;
    if (!name.endsWith("_b64")) args[name] = value;
    else if (name === "message_b64") args.message = Buffer.from(value, "base64");
    else args[name.slice(0, -4)] = Array.isArray(value) ? value.map(text) : text(value);
  }
  return args;
}

function text(base64) {
  const octets = Buffer.from(base64, "base64");
  const decoded = octets.toString("utf8");
  if (!Buffer.from(decoded, "utf8").equals(octets)) throw new Unsupported();
  return decoded;
}

function credentials(args) {
  if (args.login === "none") return {};
  const mechanism = args.login === "own" ? undefined : args.mech;
  if (args.login === "auth" && !MECHANISMS.includes(mechanism)) throw new Unsupported();
  const { user, secret } = args;
  if (mechanism === "XOAUTH2") return { auth: { type: "OAuth2", user, accessToken: secret } };
  return { auth: { user, pass: secret }, authMethod: mechanism };
}

function transport(args) {
  const wait = args.timeout_ms;
  return nodemailer.createTransport({
    host: args.host,
    port: args.port,
    name: args.name,
    lmtp: args.lmtp || false,
    secure: args.tls === "implicit",
    ignoreTLS: args.tls === "none" && args.policy === "clear",
    requireTLS: args.tls === "none" && args.policy === "tls",
    tls: args.ca ? { ca: fs.readFileSync(args.ca) } : {},
    connectionTimeout: wait,
    greetingTimeout: wait,
    socketTimeout: wait,
    ...credentials(args),
  });
}

// A row for each recipient, in the order of the caller. What LMTP refuses after the message has no error of its own.
function recipients(args, told) {
  const errors = new Map((told.rejectedErrors || []).map((each) => [each.recipient, each]));
  return args.to.map((to) => {
    const { responseCode = null } = errors.get(to) || {};
    return [to, told.rejected.includes(to) ? "refused" : "ok", responseCode, null];
  });
}

function outcomeOf(error) {
  if (error instanceof Unsupported) return "unsupported";
  if (error.responseCode >= 400 && error.responseCode <= 599) return error.code === "EAUTH" ? "auth-failed" : "refused";
  if (error.response || error.code === "EMESSAGE") return "protocol-error";
  if (error.command === "API") return "rejected-locally";
  if (error.code === "ETIMEDOUT") return "timeout";
  if (error.code === "ETLS" || /certificate|altnames|SSL|TLS/i.test(error.message)) return "protocol-error";
  return ["ECONNECTION", "ESOCKET", "EDNS"].includes(error.code) ? "io-error" : "failed";
}

async function send(row) {
  const value = { delivery: "not-sent" };
  try {
    const args = argumentsOf(row);
    if (row.goal !== "smtp.send" || !Object.keys(args).every((name) => KNOWN.has(name))) throw new Unsupported();
    const raw = Buffer.isBuffer(args.message) ? args.message : Buffer.from(args.message || "");
    const told = await transport(args).sendMail({ envelope: { from: args.from, to: args.to }, raw });
    value.rcpt = recipients(args, told);
    if (!told.accepted.length) return { outcome: "refused", value };
    value.delivery = "sent";
    return { outcome: "ok", value };
  } catch (error) {
    const outcome = outcomeOf(error);
    if (error.responseCode) value.code = error.responseCode;
    if (["io-error", "timeout", "protocol-error"].includes(outcome)) delete value.delivery; // it does not say
    return { outcome, value };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const row = JSON.parse(line);
    if (row.cmd === "bye") break;
    const name = `nodemailer ${version}, Node ${process.version}`;
    const hello = { name: "nodemailer", version: name, features: FEATURES, limits: {} };
    const answer = row.cmd ? hello : { seq: row.seq, ...(await send(row)) };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}

main();
