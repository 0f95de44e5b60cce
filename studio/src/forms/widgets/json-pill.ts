/**
 * What a pill is written as at a place in JSON: inside a string it stands as it is, elsewhere it needs quotes of its
 * own. An empty text takes it bare, because a lone hole stands for the whole value.
 */
export function pillForJson(json: string, at: number, pill: string): string {
  if (json.trim() === "") return pill;
  return isInsideString(json, at) ? pill.replaceAll('"', "'") : JSON.stringify(pill);
}

function isInsideString(json: string, at: number): boolean {
  let inside = false;
  for (let i = 0; i < at; i++) {
    if (json[i] === "\\" && inside) i++;
    else if (json[i] === '"') inside = !inside;
  }
  return inside;
}
