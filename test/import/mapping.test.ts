import { describe, expect, it } from '@jest/globals';
import { copyFound, copyOf, from } from '../../src/import/mapping.js';

describe('column sources', () => {
  it('say where to look and whether the field is taken or copied', () => {
    const find = { where: { field: 'a', is: 'b' }, list: 'c', keys: ['d'] };
    expect(from('a', 'b.c')).toEqual({ paths: ['a', 'b.c'], copy: false });
    expect(copyOf('a.b')).toEqual({ paths: ['a.b'], copy: true });
    expect(copyFound(find, 'a.b')).toEqual({ paths: ['a.b'], copy: true, find });
  });
});
