// Bundles the extension into one file, and each unit test into one of its own.
import { build, context } from "esbuild";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const flags = new Set(process.argv.slice(2));
const shared = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };
const permissive = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"]);

// What other packages went into the bundle, with their licences, which must allow any use.
function writeNotices(inputs) {
  const folders = Object.keys(inputs).flatMap((path) => {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
    return match ? [match[1]] : [];
  });
  const notices = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    if (!permissive.has(license)) {
      throw new Error(`the licence of ${name} is ${license}`);
    }
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? "" : readFileSync(`${folder}/${file}`, "utf8").trim();
    return `${name} ${version}: ${license}\n\n${text}\n`;
  });
  writeFileSync("dist/notices.txt", notices.join(`\n${"-".repeat(78)}\n\n`));
}

if (flags.has("--tests")) {
  rmSync("dist/test", { recursive: true, force: true });
  const entryPoints = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  await build({
    ...shared,
    entryPoints: entryPoints.map((name) => `test/${name}`),
    outdir: "dist/test",
    format: "esm",
    outExtension: { ".js": ".mjs" },
  });
} else {
  const options = {
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    format: "cjs",
    external: ["vscode"],
    minify: flags.has("--production"),
    sourcemap: !flags.has("--production"),
    metafile: true,
  };
  if (flags.has("--watch")) {
    await (await context(options)).watch();
  } else {
    if (existsSync("dist/extension.js.map")) {
      rmSync("dist/extension.js.map");
    }
    const { metafile } = await build(options);
    writeNotices(metafile.inputs);
  }
}
