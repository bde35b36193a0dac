import { type Document, MongoClient } from 'mongodb';

/**
 * Fills a database through the real driver; collections are created even when they get no documents.
 * @param url the server, with user and password if it wants them
 * @param documents by collection, inserted in the order given
 */
export async function loadDocuments(
  url: string,
  database: string,
  documents: Record<string, readonly Document[]>,
): Promise<void> {
  const client = await MongoClient.connect(url);
  try {
    for (const [name, list] of Object.entries(documents)) {
      const collection = client.db(database).collection(name);
      // forceServerObjectId leaves the caller's objects as they are, and `_id` is the server's to add.
      if (list.length > 0) await collection.insertMany([...list], { forceServerObjectId: true });
      else await client.db(database).createCollection(name);
    }
  } finally {
    await client.close();
  }
}
