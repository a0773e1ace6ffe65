// Calls of the service this page came from. Nothing else is ever asked.

export class ServiceError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const NO_TOKEN = [
  "This service works only with its access token. Enter it above.",
  "The service does not know this token. Check it and enter it again.",
];
let token = "";
export function setToken(value) {
  token = value.trim();
}

async function send(path, body) {
  let response;
  try {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    response = await fetch(path, { method: body ? "POST" : "GET", body, headers });
  } catch {
    throw new ServiceError("The service does not answer. Is it still running?", 0);
  }
  if (response.ok) return response;
  if (response.status === 401) throw new ServiceError(NO_TOKEN[Number(token !== "")], 401);
  const problem = await response.json().catch(() => ({}));
  throw new ServiceError(problem.detail ?? `The service answered ${response.status}.`, response.status);
}

function form(file, options) {
  const body = new FormData();
  body.append("file", file, "upload");
  for (const [name, value] of Object.entries(options)) {
    if (value !== null && value !== undefined) body.append(name, String(value));
  }
  return body;
}

/** Notes with old and predicted velocities, column by column. */
export async function fetchVelocities(file, options) {
  return (await send("v1/velocities", form(file, options))).json();
}

/** The same, and tempo, timing, articulation and pedal. */
export async function fetchInterpretation(file, options) {
  return (await send("v1/interpretation", form(file, options))).json();
}

/** The finished file: with velocities alone, or as a whole performance. */
export async function fetchFile(file, options, performed) {
  return (await send(performed ? "v1/perform" : "v1/humanize", form(file, options))).blob();
}

/** What is a pianist's own in a performance, as the option `style` takes it. */
export async function fetchStyle(file) {
  return (await send("v1/style", form(file, {}))).text();
}

/** Names of the options that the service has for a whole performance. */
export async function fetchOptions() {
  const description = await (await send("openapi.json")).json();
  const { content } = description.paths["/v1/interpretation"].post.requestBody;
  return new Set(Object.keys(content["multipart/form-data"].schema.properties));
}

export async function fetchModels() {
  return (await send("v1/models")).json();
}

export async function fetchStatic(path) {
  return (await send(path)).arrayBuffer();
}
