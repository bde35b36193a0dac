/** A migration class that does nothing yet. */
export function classTemplate(className: string, isOwn: boolean): string {
  return `import type { MigrationInterface, QueryRunner } from '${isOwn ? 'typeorm' : 'dbtool/migration'}';

export class ${className} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('…');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('…');
  }
}
`;
}

/** A migration in SQL that does nothing yet. */
export const SQL_TEMPLATE = `-- migrate:up


-- migrate:down

`;
