/** What carries a secret as a parameter, behind `?`, `&` or `;`, or as a pair of a `host=… password=…` string. */
const SECRET_PARAMETER =
  /(?:^|[?&;\s])(?:[\w.-]*(?:password|passwd|pwd|passphrase|secret|token)[\w.-]*=[^&;\s]|authMechanismProperties=[^&;]*TOKEN:[^&;])/i;
/** A path: what stands before an @ in it is part of a name. */
const PATH = /^(?:sqlite:|file:|[./~\\]|[a-z]:[\\/])/i;
const SCHEME = /^(?:[a-z][a-z0-9+.-]*:\/+|(?:postgres(?:ql)?|mysql|mariadb|oracle|mongodb(?:\+srv)?):)/i;
/** `user:password@…`, and `user/password@host:port` or `user/password@//host`, as Oracle's tools write it. */
const BARE_CREDENTIALS = /^(?:[^:/\\@\s]+:[^@]+@|[^:/\\@\s]+\/[^@]+@(?:\/\/|[^/@]+:\d))/;

/**
 * Whether a text carries a password: before the @ of a URL (`user:secret@`, on Oracle `user/secret@`
 * too) or as a parameter. Works on malformed URLs and on other databases' connection strings too, since
 * those are the ones that people paste.
 */
export function hasPassword(text: string): boolean {
  const trimmed = text.trim();
  if (PATH.test(trimmed)) return false;
  if (SECRET_PARAMETER.test(trimmed)) return true;
  const scheme = SCHEME.exec(trimmed)?.[0];
  if (scheme === undefined) return BARE_CREDENTIALS.test(trimmed);
  const rest = trimmed.slice(scheme.length);
  const userPart = rest.slice(0, Math.max(0, rest.lastIndexOf('@')));
  return (/^oracle:/i.test(scheme) ? /^[^:/]*[:/][^]/ : /^[^:]*:[^]/).test(userPart);
}
