// Writes a request as the script that makes it.
const quote = (text) => JSON.stringify(text);

export function codeOf(ask) {
  return ask.via === "xhr" ? xhrOf(ask) : fetchOf(ask);
}

function fetchOf(ask) {
  const members = [];
  if (ask.method !== "GET") members.push(`method: ${quote(ask.method)}`);
  if (ask.headers.length > 0) members.push(`headers: ${headersOf(ask.headers)}`);
  if (ask.body !== null) members.push(`body: ${quote(ask.body)}`);
  for (const member of ["mode", "credentials", "redirect"]) {
    if (ask[member] !== null) members.push(`${member}: ${quote(ask[member])}`);
  }
  if (members.length === 0) return `await fetch(${quote(ask.url)});`;
  return `await fetch(${quote(ask.url)}, {\n${members.map((member) => `  ${member},\n`).join("")}});`;
}

function headersOf(lines) {
  const names = new Set(lines.map(([name]) => name.toLowerCase()));
  const pairs = names.size < lines.length;
  const members = lines.map(([name, value]) => (pairs ? `[${quote(name)}, ${quote(value)}]` : `${quote(name)}: ${quote(value)}`));
  const [open, close] = pairs ? "[]" : "{}";
  return members.length === 1 && !pairs ? `{ ${members[0]} }` : `${open}\n    ${members.join(",\n    ")},\n  ${close}`;
}

function xhrOf(ask) {
  const lines = ["const xhr = new XMLHttpRequest();", `xhr.open(${quote(ask.method)}, ${quote(ask.url)});`];
  if (ask.credentials === "include") lines.push("xhr.withCredentials = true;");
  for (const [name, value] of ask.headers) lines.push(`xhr.setRequestHeader(${quote(name)}, ${quote(value)});`);
  if (ask.upload_listener) lines.push("xhr.upload.onprogress = (event) => console.log(event.loaded);");
  lines.push(ask.body === null ? "xhr.send();" : `xhr.send(${quote(ask.body)});`);
  return lines.join("\n");
}
