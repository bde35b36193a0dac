import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { forgetSecrets, maskUrl, redact, registerSecret } from '../../src/config/redact.js';

afterEach(forgetSecrets);

describe('maskUrl', () => {
  it.each([
    ['postgres://bob:hunter2@db.example:5432/x', 'postgres://bob:***@db.example:5432/x'],
    ['postgres://bob@db.example/x', 'postgres://bob@db.example/x'],
    ['postgres://db.example:5432/x', 'postgres://db.example:5432/x'],
    ['postgres://:hunter2@db.example/x', 'postgres://:***@db.example/x'],
    ['postgres://bob:@db.example/x', 'postgres://bob:@db.example/x'],
    ['mongodb://h1:27017,h2:27018/x?authSource=admin', 'mongodb://h1:27017,h2:27018/x?authSource=admin'],
    ['mongodb+srv://bob:hunter2@h/x', 'mongodb+srv://bob:***@h/x'],
    ['postgres://[::1]:5432/x', 'postgres://[::1]:5432/x'],
    ['postgres://[::1]', 'postgres://[::1]'],
    ['postgres://bob:hunter2@[::1]:5432/x', 'postgres://bob:***@[::1]:5432/x'],
    ['oracle://scott/tiger@//h:1521/svc', 'oracle://scott/***@//h:1521/svc'],
    ['scott/tiger@h:1521/svc', 'scott/***@h:1521/svc'],
    ['bob:hunter2@h/x', 'bob:***@h/x'],
    ['sqlite:data/me@home.sqlite', 'sqlite:data/me@home.sqlite'],
    ['./dumps/me@home', './dumps/me@home'],
    ['sqlite:dbtool.sqlite', 'sqlite:dbtool.sqlite'],
    ['', ''],
  ])('%s', (url, masked) => {
    expect(maskUrl(url)).toBe(masked);
  });

  it.each([
    'postgres://bob:p@ss@h/x',
    'postgres://bob:hunt/er2@h/x',
    'postgres://bob:hunt#er2@h/x',
    'postgres://bob:hunt?er2@h/x',
    'postgres://bob:hunt%er2@h/x',
    'postgres://bob:hunt er2@h/x',
    'postgres://bob:hunt"er2@h/x',
    'postgres://bob:1234/er2@h/x',
    'postgres://bob:hunter2@',
    'postgres://bob:hunter2',
    'postgres://bob:hunter2.',
    'postgres://bob:5432hunter2',
    'postgres:bob:hunter2@h/x',
    'postgres:/bob:hunter2@h/x',
    ' postgres://bob:hunter2@h/x ',
    'postgres://h/x?user=bob&password=hunter2&sslmode=require',
    'postgres://h/x?sslpassword=hunter2',
    'mongodb://h/x?authMechanismProperties=AWS_SESSION_TOKEN:hunter2,X:er2',
    'host=h password=hunter2 user=bob',
    "host=h password='hunt er2' user=bob",
    String.raw`host=h password='hu\'nt er2' user=bob`,
    'Server=h;Uid=bob;Pwd=hunter2',
    'https://h/x?access_token=hunter2&token=er2',
  ])('hides the password of the malformed or unusual %s', (url) => {
    const masked = maskUrl(url);
    expect(masked).not.toMatch(/hunt|er2|1234|p@ss/u);
    expect(masked).toContain('***');
  });

  it('keeps what is no secret in a query', () => {
    expect(maskUrl('postgres://h/x?user=bob&password=hunter2&sslmode=require')).toBe(
      'postgres://h/x?user=bob&password=***&sslmode=require',
    );
  });

  // The strongest thing that can be said of a mask: what it shows does not depend on the secret.
  const passwords = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' });

  it.each(['postgres', 'oracle', 'mysql', 'mariadb', 'mongodb', 'mongodb+srv'])(
    'shows the same for every password of a %s URL, raw or encoded',
    (scheme) => {
      fc.assert(
        fc.property(passwords, fc.boolean(), (password, encode) => {
          const shown = maskUrl(
            `${scheme}://bob:${encode ? encodeURIComponent(Buffer.from(password).toString()) : password}@db.example:5432/x?ssl=1`,
          );
          const hidesMore =
            /(?:password|passwd|pwd|passphrase|secret|token|authmechanismproperties|key)\s*["'`]?\s*[=:]/iu;
          fc.pre(!hidesMore.test(password));
          expect(shown).toBe(`${scheme}://bob:***@db.example:5432/x?ssl=1`);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('shows the same for every encoded password in a query, and every quoted one in a DSN', () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const encoded = encodeURIComponent(Buffer.from(password).toString());
        expect(maskUrl(`postgres://h/x?password=${encoded}&a=b`)).toBe('postgres://h/x?password=***&a=b');
        const quoted = `'${password.replaceAll(/['\\]/gu, String.raw`\$&`)}'`;
        expect(maskUrl(`host=h password=${quoted} user=bob`)).toBe("host=h password='***' user=bob");
      }),
      { numRuns: 300 },
    );
  });
});

describe('redact', () => {
  it('masks every URL and pair of a text and leaves the rest', () => {
    expect(
      redact(
        'connect postgres://bob:hunter2@h/x failed (mongodb://a:b@c), PGPASSWORD=hunter2 was set; see https://h:8080/p@1 or mail a@b.c',
      ),
    ).toBe(
      'connect postgres://bob:***@h/x failed (mongodb://a:***@c), PGPASSWORD=*** was set; see https://h:***@1 or mail a@b.c',
    );
  });

  it.each([
    'password authentication failed for user "bob"',
    'The database refused the user or the password: ask the administrator.',
    'Access token expired',
    'total tokens=512',
    'see https://packages.example.com/package/@oclif/core and http://localhost:8080/x',
    'postgres://db:5432: connection refused, postgres://db:5432, and postgres://db.',
    'no secret here',
    'password=',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('keeps JSON text valid', () => {
    const before = {
      url: 'postgres://bob:hunter2@h/x',
      password: 'hunt "er2" \\',
      nested: { client_secret: 'hunter2', apiKey: 'hunter2', pwd: 5, token: null, secret: { a: 1 } },
      other: 'a@b',
      list: ['mysql://a:hunter2@h', 'plain'],
      dsn: "host=h password='hunt er2' x=y",
    };
    for (const text of [JSON.stringify(before), JSON.stringify(before, null, 2)]) {
      expect(JSON.parse(redact(text))).toEqual({
        ...before,
        url: 'postgres://bob:***@h/x',
        password: '***',
        nested: { client_secret: '***', apiKey: '***', pwd: '***', token: null, secret: { a: 1 } },
        list: ['mysql://a:***@h', 'plain'],
        dsn: "host=h password='***' x=y",
      });
      expect(redact(text)).not.toMatch(/hunt|er2/u);
    }
  });

  it('masks JSON inside JSON', () => {
    const text = JSON.stringify({ body: JSON.stringify({ password: 'hunt\\er2', user: 'bob' }) });
    expect(redact(text)).not.toMatch(/hunt|er2/u);
    expect(redact(text)).toContain('bob');
  });

  it('masks YAML members, also in an excerpt with line numbers', () => {
    expect(redact('database:\n  user: bob\n  password: hunter2 x\n  port: 1')).toBe(
      'database:\n  user: bob\n  password: ***\n  port: 1',
    );
    expect(redact('> 12 |   db_password: hunter2')).not.toContain('hunter2');
  });

  const plainPassword = fc.stringMatching(/^[^\s"'`<>\\]{1,30}$/u);

  it('shows the same for every password without quotes and blanks, several URLs in one text', () => {
    fc.assert(
      fc.property(plainPassword, plainPassword, (first, second) => {
        fc.pre(!/(?:password|passwd|pwd|passphrase|secret|token|properties|key)[=:]/iu.test(first + second));
        expect(redact(`a postgres://bob:${first}@h/x b mongodb://eve:${second}@h:1/y c`)).toBe(
          'a postgres://bob:***@h/x b mongodb://eve:***@h:1/y c',
        );
      }),
      { numRuns: 500 },
    );
  });

  it('never shows a registered secret, as it is, in JSON or in a URL', () => {
    const everyday =
      /^(?:postgres|postgresql|oracle|mysql|mariadb|sqlite|mongodb|mongo|database|dbtool|password|secret|token|admin|root|user|test|localhost|true|false|null|none)$/iu;
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 30 }), (secret) => {
        fc.pre(
          !everyday.test(secret) && !/^\*+$/u.test(secret) && !'[raw] [json] [url] [plus]'.includes(secret),
        );
        registerSecret(secret);
        const shown = redact(
          `[raw]${secret}[json]${JSON.stringify({ a: secret })}[url]${encodeURIComponent(secret)}[plus]${new URLSearchParams({ a: secret }).toString()}`,
        );
        expect(shown).not.toContain(secret);
        expect(shown).not.toContain(JSON.stringify(secret).slice(1, -1));
        expect(shown).not.toContain(encodeURIComponent(secret));
        forgetSecrets();
      }),
      { numRuns: 300 },
    );
  });

  it('masks the longer of two secrets that begin alike', () => {
    registerSecret('hunter');
    registerSecret('hunter2-and-more');
    expect(redact('it is hunter2-and-more')).toBe('it is ***');
  });

  it('does not look for everyday words and very short values', () => {
    registerSecret('postgres');
    registerSecret('abc');
    expect(redact('Cannot reach postgres at abc; postgres://postgres:postgres@h')).toBe(
      'Cannot reach postgres at abc; postgres://postgres:***@h',
    );
  });

  it.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['schemes', 'a://'.repeat(250_000)],
    ['at signs', `x://${':@'.repeat(500_000)}`],
    ['pairs', 'password='.repeat(110_000)],
    ['quotes', 'password="'.repeat(100_000)],
    ['colons', 'password: '.repeat(100_000)],
    ['blanks', `password${' '.repeat(1_000_000)}`],
    ['keys', 'token'.repeat(200_000)],
    ['hosts', `x://${'a:1,'.repeat(250_000)}`],
    ['dots', `x://${'.'.repeat(1_000_000)}!:y`],
    ['lines', 'token:\n'.repeat(140_000)],
    ['backslashes', `password=${'\\'.repeat(1_000_000)}`],
    ['backslashes after keys', `password${'\\'.repeat(1_000_000)}`],
  ])('takes 1 MB of %s in its stride', (_, text) => {
    const started = performance.now();
    redact(text);
    maskUrl(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
