import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasPassword } from '../../src/config/url-password.js';
import { campaign } from '../support/campaign.js';

describe('hasPassword', () => {
  it.each([
    'postgres://bob:hunter2@db/x',
    'POSTGRES://bob:hunter2@db/x',
    '  postgres://bob:hunter2@db/x',
    'postgres://:hunter2@db/x',
    'postgres://bob:h@nter2@db/x',
    'postgres://bob:hun/ter2@db/x',
    'postgres://bob:hun#ter2@db/x',
    'postgres://bob:hun?ter2@db/x',
    'postgres://bob:hun ter2@db/x',
    'postgres://bob:hun\nter2@db/x',
    'postgres://bob:hunter2@',
    'postgres://bob:%68@db/x',
    'postgres:/bob:hunter2@db/x',
    'postgres:bob:hunter2@db/x',
    'postgers://bob:hunter2@db/x',
    'bob:hunter2@db/x',
    'oracle://scott:tiger@h:1521/svc',
    'oracle://scott/tiger@h:1521/svc',
    'scott/tiger@//h:1521/svc',
    'scott/tiger@h:1521/svc',
    'mongodb+srv://bob:hunter2@cluster0.example/x',
    'mongodb://h1,h2/x?password=hunter2',
    'mongodb://h/x?tls=true&tlsCertificateKeyFilePassword=hunter2',
    'mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:hunter2',
    'postgres://db/x?sslmode=require;PWD=hunter2',
    'host=db user=bob password=hunter2',
    'password=hunter2 host=db',
  ])('is one in %j', (text) => {
    expect(hasPassword(text)).toBe(true);
  });

  it.each([
    '',
    'postgres://db/x',
    'postgres://bob@db:5432/x',
    'postgres://bob:@db/x',
    'postgres://@db/x',
    'postgres://[::1]:5432/x',
    'postgres://bob@[::1]:5432/x?sslmode=require',
    'oracle://scott@h:1521/svc',
    'oracle://h:1521/svc',
    'mongodb://h1:27017,h2:27018/x?replicaSet=rs0&authSource=admin',
    'mongodb://h/?authMechanism=GSSAPI&authMechanismProperties=SERVICE_NAME:mongo',
    'sqlite:me@home.sqlite',
    'sqlite:/data/a:b@c.sqlite',
    './dumps/a:b@c',
    '/dumps/a:b@c',
    'dumps/me@home',
    'dump.json',
    String.raw`C:\dumps\me@home`,
    'bob@db',
    'postgres://db/x?password=',
  ])('is none in %j', (text) => {
    expect(hasPassword(text)).toBe(false);
  });

  it('is found whatever characters the password has', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('postgres', 'postgresql', 'mysql', 'mariadb', 'oracle', 'mongodb', 'mongodb+srv'),
        fc.stringMatching(/^[a-z]{0,8}$/),
        fc.string({ minLength: 1, unit: 'binary' }),
        (scheme, user, password) => {
          expect(hasPassword(`${scheme}://${user}:${password}@db.example:5432/x`)).toBe(true);
        },
      ),
      { numRuns: campaign(2000) },
    );
  });

  it('takes no time on long texts', () => {
    const long = 'a'.repeat(1_000_000);
    const started = performance.now();
    for (const text of [
      long,
      `${long}:`,
      `postgres://${long}`,
      `${'a='.repeat(500_000)}@`,
      '?password'.repeat(100_000),
      `mongodb://h/?${'authMechanismProperties='.repeat(30_000)}`,
    ])
      hasPassword(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
