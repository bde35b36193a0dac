import { Column, Table } from '../database/model/decorators.js';
import { json, string } from '../database/model/logical-type.js';
import { WithVariants } from './with-variants.js';

/** One operation of an external API that agents may call. */
@Table('api_tools')
export class ApiTool extends WithVariants {
  @Column(string(255), { nullable: true })
  apiProvider!: string | null;

  @Column(string(500), { nullable: true })
  path!: string | null;

  @Column(string(10), { nullable: true })
  method!: string | null;

  @Column(json(), { nullable: true })
  mock!: unknown;

  @Column(json(), { nullable: true })
  originalParameters!: unknown;

  @Column(json(), { nullable: true })
  originalOperationDefinition!: unknown;
}
