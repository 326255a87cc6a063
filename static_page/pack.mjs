// Compiles the Python packages of a zip for the Python that runs in browsers, with that Python itself: node pack.mjs FROM TO
import { readFileSync, writeFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [from, to] = process.argv.slice(2);
const python = await loadPyodide();
python.FS.writeFile("/from.zip", new Uint8Array(readFileSync(from)));
python.runPython(`
import compileall, pathlib, py_compile, shutil, zipfile
root = pathlib.Path("/packages")
shutil.unpack_archive("/from.zip", root)
compileall.compile_dir(root, quiet=2, legacy=True, stripdir=root, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
READS_ITSELF = root / "anyio" / "__init__.py"
with zipfile.ZipFile("/to.zip", "w") as packed:
    for path in sorted(root.rglob("*")):
        if path.is_file() and (path.suffix != ".py" or path == READS_ITSELF):
            packed.writestr(zipfile.ZipInfo(str(path.relative_to(root))), path.read_bytes())
`);
writeFileSync(to, python.FS.readFile("/to.zip"));
