import type { QueryRunner } from 'typeorm';

export type LintDatabase = QueryRunner;

export const lintDatabase = (runner: QueryRunner): LintDatabase => runner;
