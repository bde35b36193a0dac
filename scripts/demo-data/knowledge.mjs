import { Double } from 'bson';

import { daysAgo, toOffsetText } from './clock.mjs';
import { configured } from './common.mjs';
import { answer } from './phrases.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */
/** @typedef {import('./prng.mjs').Rng} Rng */

/**
 * An embedding of few distinct values (multiples of 1/64), so that thousands of them stay small. Every
 * component is a Double, zeros included, as drivers write arrays of floats.
 * @param {Rng} rng
 * @param {number} dimensions
 */
function embedding(rng, dimensions) {
  return Array.from({ length: dimensions }, () => {
    const bits = rng.word();
    const step =
      (bits & 1) + ((bits >>> 1) & 1) + ((bits >>> 2) & 1) - ((bits >>> 3) & 1) - ((bits >>> 4) & 3);
    return new Double(step === 0 ? 0 : step / 64);
  });
}

/**
 * @typedef {{title: string, languages: string[], chunks: number, dimensions: (index: number) => number}} Shelf
 */

/**
 * @param {Sources} sources
 * @param {Shelf} shelf
 */
function chunkDocuments({ rng, ids }, shelf) {
  return Array.from({ length: shelf.chunks }, (_, index) => {
    const language = /** @type {string} */ (shelf.languages[index % shelf.languages.length]);
    const created = daysAgo(30 - index * 0.5);
    const sentences = Array.from({ length: 4 }, () => answer(rng, language)).filter((text) => text !== '');
    return {
      _id: ids.objectId(created),
      content: sentences.join(' '),
      metadata: {
        title: `${shelf.title} ${Math.floor(index / 2) + 1}`,
        source: index === 1 ? null : `https://example.com/docs/${index}?a=1&b="2"`,
        chunk_number: (index % 2) + 1,
        chunks_total: 2,
        language,
        created_time: toOffsetText(created),
      },
      embedding: embedding(rng, shelf.dimensions(index)),
      ...(index === 3 ? { sparse_terms: { refund: 2, order: 1 } } : {}),
    };
  });
}

/**
 * Three knowledge sources (one of today's shape, two of older ones) with their chunks.
 * @param {Sources} sources
 * @param {{jobId: import('bson').ObjectId}} links
 * @returns {{collections: Doc[], documents: Record<string, Doc[]>}} documents by collection name
 */
export function knowledgeDocuments(sources, { jobId }) {
  const help = configured(sources, {
    name: 'Help Center',
    description: 'Public articles',
    system_name: 'HELP_CENTER',
    provider_system_name: 'OPENAI',
    type: 'documents',
    ai_model: 'OPENAI_TEXT-EMBEDDING-3-SMALL',
    source: {
      source_type: 'Confluence',
      confluence_url: 'https://wiki.example.com',
      confluence_space: 'HELP',
    },
    chunking: { strategy: 'recursive', chunk_size: 1500, chunk_overlap: 100, splitters: ['\n\n', '\n', ' '] },
    indexing: { semantic_search_supported: true, fulltext_search_supported: false },
    metadata_config: [{ name: 'title', mapping: 'title', enabled: true }],
    last_synced: '2025-08-22T02:30:41.118204+00:00',
    job_id: String(jobId),
  });
  const wiki = configured(
    sources,
    {
      name: 'HR Wiki (политики)',
      description: null,
      system_name: 'HR_WIKI',
      provider_system_name: 'AZURE_OPENAI',
      model: 'AZURE_OPENAI_TEXT-EMBEDDING-ADA-002',
      source_type: 'Sharepoint',
      sharepoint_site_url: 'https://demo.example.com/sites/hr',
      sharepoint_library: 'Policies & forms',
      sharepoint_recursive: true,
      chunking: { strategy: 'none' },
      last_synced: '2025-08-21T03:00:05Z',
      job_id: null,
    },
    { old: true },
  );
  // The oldest shape: a text id, and no system name, which is to be made from the name.
  const manuals = {
    ...configured(
      sources,
      {
        name: 'Alte Handbucher, 2023',
        model: 'OCI_COHERE.EMBED-MULTILINGUAL-V3.0',
        source_type: 'File',
        file_url: ['https://files.example.com/manual, "final".pdf', 'https://files.example.com/手册.pdf'],
        output_config: ['title', 'content'],
        last_synced: null,
      },
      { old: true },
    ),
    _id: sources.rng.uuid(),
  };
  const shelves = [
    { of: help, title: 'Article', languages: ['en', 'de', 'fr'], chunks: 6, dimensions: () => 1536 },
    // Re-indexed half way with a larger model: both lengths lie in one collection.
    {
      of: wiki,
      title: 'Policy',
      languages: ['ru', 'en'],
      chunks: 6,
      dimensions: (/** @type {number} */ i) => (i < 4 ? 1536 : 3072),
    },
    { of: manuals, title: '手册', languages: ['zh', 'ar', 'hi'], chunks: 3, dimensions: () => 1536 },
  ];
  return {
    collections: [help, wiki, manuals],
    documents: Object.fromEntries(
      shelves.map(({ of, ...shelf }) => [
        `documents_${String(of._id).replaceAll('-', '_')}`,
        chunkDocuments(sources, shelf),
      ]),
    ),
  };
}
