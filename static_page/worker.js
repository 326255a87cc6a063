// The engine beside the page: Python, the app that `metspine serve` runs, and Graphviz. Nothing is fetched here: all files
// were handed over by the page, and whatever asks for one gets it from memory.
const KINDS = { wasm: "application/wasm", zip: "application/zip" };
const HOME = "engine:///";
const KNOWLEDGE = "/knowledge.json";
let files;
let door;

self.fetch = async (address) => {
  const name = String(address.url ?? address).replace(HOME, "");
  if (!files.has(name)) return Response.error();
  return new Response(files.get(name), { headers: { "content-type": KINDS[name.split(".").pop()] ?? "text/plain" } });
};

const module = (name) => import(URL.createObjectURL(new Blob([files.get(name)], { type: "text/javascript" })));

const start = async (given) => {
  files = given.files;
  const [{ loadPyodide }, { default: createPyodideModule }, { Graphviz }] = await Promise.all(
    ["pyodide.mjs", "pyodide.asm.mjs", "graphviz.mjs"].map(module));
  const [python, graphviz] = await Promise.all([
    loadPyodide({
      createPyodideModule,
      indexURL: HOME,
      stdLibURL: `${HOME}python_stdlib.zip`,
      lockFileContents: new TextDecoder().decode(files.get("pyodide-lock.json")),
      packageBaseUrl: HOME,
    }),
    Graphviz.load(),
  ]);
  python.unpackArchive(files.get("packages.zip"), "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
  python.FS.writeFile(KNOWLEDGE, files.get("knowledge.json"));
  files = new Map();
  door = python.pyimport("metspine.serve.in_browser").start(KNOWLEDGE, (dot) => graphviz.layout(dot, "svg", "dot"));
  door.toPy = (value) => python.toPy(value);
};

const answer = async ({ method, target, headers, body }) => {
  const answered = await door.ask(method, target, door.toPy(headers), door.toPy(body));
  const [status, found, content, at] = answered.toJs();
  answered.destroy();
  return { status, headers: found, body: content, at };
};

let last = Promise.resolve();
self.onmessage = ({ data }) => {
  last = last.then(() => (data.files ? start(data) : answer(data)))
    .then((done) => self.postMessage({ number: data.number, done }))
    .catch((error) => self.postMessage({ number: data.number, failed: String(error) }));
};
