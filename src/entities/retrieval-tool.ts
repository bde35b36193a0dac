import { Table } from '../database/model/decorators.js';
import { WithVariants } from './with-variants.js';

/** A tool that finds passages in knowledge sources. Older documents keep one set of settings at the top. */
@Table('retrieval_tools')
export class RetrievalTool extends WithVariants {}
