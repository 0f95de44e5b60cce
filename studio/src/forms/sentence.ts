/** Messages of the server follow the lower-case habit of error texts; on screen they are sentences. */
export function sentence(text: string): string {
  if (text === "") return "";
  const started = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(started) ? started : `${started}.`;
}
