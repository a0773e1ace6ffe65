// Shows the service's own OpenAPI description; no viewer from elsewhere is loaded.
const make = (tag, text = "", children = []) => {
  const element = document.createElement(tag);
  element.textContent = text;
  element.append(...children);
  return element;
};

function kind(schema) {
  const base = schema.enum?.join(" | ") ?? [schema.type].flat().filter(Boolean).join(" or ");
  const format = schema.format ? ` (${schema.format})` : "";
  const span = schema.minimum === undefined ? "" : `, ${schema.minimum} to ${schema.maximum}`;
  const usual = schema.default === undefined ? "" : `; default ${schema.default}`;
  return `${base}${format}${span}${usual}`;
}

function table(head, rows) {
  const top = make("tr", "", head.map((text) => make("th", text)));
  const body = rows.map((cells) => make("tr", "", cells.map((text) => make("td", text))));
  return make("table", "", [make("thead", "", [top]), make("tbody", "", body)]);
}

function fields(operation) {
  const content = operation.requestBody?.content?.["multipart/form-data"];
  if (!content) return [];
  const { properties, required } = content.schema;
  const rows = Object.entries(properties).map(([name, schema]) => [
    name + (required.includes(name) ? " (required)" : ""),
    kind(schema),
    schema.description ?? "",
  ]);
  return [make("h3", "Fields of the form (multipart/form-data)"), table(["field", "type", "meaning"], rows)];
}

function answers(operation) {
  const rows = Object.entries(operation.responses).map(([status, answer]) => [
    status,
    answer.description,
    Object.keys(answer.content ?? {}).join(", "),
  ]);
  return [make("h3", "Answers"), table(["status", "meaning", "content type"], rows)];
}

function example(path, method, operation) {
  if (!operation.requestBody) return [];
  const address = new URL(path.slice(1), document.baseURI).href;
  const output = path.endsWith("humanize") ? " -o humanized.mid" : "";
  const token = operation.security ? ' -H "Authorization: Bearer $TOKEN"' : "";
  return [make("pre", `curl${token} -F file=@input.mid -F strength=0.8${output} ${address}`)];
}

const description = await (await fetch("openapi.json")).json();
document.getElementById("summary").textContent = `${description.info.summary} Version ${description.info.version}.`;
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const section = make("section", "", [
      make("h2", `${method.toUpperCase()} ${path}`),
      make("p", `${operation.summary ?? ""}${operation.security ? "; asks for the access token" : ""}.`),
      ...example(path, method, operation),
      ...fields(operation),
      ...answers(operation),
    ]);
    document.getElementById("routes").append(section);
  }
}
