/** A browser and a system out of a User-Agent, "Chrome · Android"; empty when neither is known. */
export function device(agent: string | undefined): string {
  const browser = first(agent, [
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
    [/curl\//, 'curl'],
  ]);
  const system = first(agent, [
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser, system].filter(Boolean).join(' · ');
}

function first(agent: string | undefined, names: [RegExp, string][]): string | undefined {
  return names.find(([pattern]) => pattern.test(agent ?? ''))?.[1];
}
