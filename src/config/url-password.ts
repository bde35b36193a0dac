/**
 * Whether a URL-like text carries a password: in its userinfo (`user:secret@`) or as a parameter.
 * Works on malformed URLs too, since those are the ones that people paste.
 */
export function hasPassword(text: string): boolean {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text);
  if (!scheme) return false;
  const rest = text.slice(scheme[0].length);
  const at = rest.lastIndexOf('@');
  if (at > 0 && /^[^:]*:[^]+/.test(rest.slice(0, at))) return true;
  return /[?&;](password|pwd|passwd)=[^&;]+/i.test(rest);
}
