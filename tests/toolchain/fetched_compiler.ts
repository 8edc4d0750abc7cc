/** Whether Deno has AssemblyScript's compiler already: no test fetches 100 MB. */
export async function hasAssemblyScript(): Promise<boolean> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(stdout)) as { npmCache: string };
  const isThere = (registry: string) => {
    try {
      return Deno.statSync(`${npmCache}/${registry}/assemblyscript/0.28.20/package.json`).isFile;
    } catch {
      return false;
    }
  };
  try {
    return [...Deno.readDirSync(npmCache)].some(({ name }) => isThere(name));
  } catch {
    return false;
  }
}
