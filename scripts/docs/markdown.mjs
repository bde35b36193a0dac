/** A Markdown table; cells are Markdown themselves, with their line breaks and bars made harmless. */
export function table(headers, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text) {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}

/** Text as code: `text`. */
export function code(text) {
  return `\`${text}\``;
}

export function fence(language, text) {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

const BLOCK = /<!-- generated:([\w-]+) -->\n[^]*?<!-- \/generated -->/g;

/**
 * Puts generated text between its markers.
 *
 * @param {string} file for messages
 * @param {string} text of the file, with a pair of markers for each block
 * @param {Map<string, string>} blocks
 * @throws Error when the file lacks a block's markers, or has markers that no block belongs to
 */
export function fillBlocks(file, text, blocks) {
  const seen = new Set();
  const filled = text.replaceAll(BLOCK, (_, name) => {
    const block = blocks.get(name);
    if (block === undefined) throw new Error(`${file} has markers for "${name}", which nothing generates`);
    seen.add(name);
    return `<!-- generated:${name} -->\n\n${block.trim()}\n\n<!-- /generated -->`;
  });
  const missing = [...blocks.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0)
    throw new Error(`${file} lacks the markers <!-- generated:${missing[0]} --> … <!-- /generated -->`);
  return filled;
}
