import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ENTITIES = new URL('../../src/entities/', import.meta.url);

/**
 * The doc comments of all entity classes, which tsc does not keep for properties.
 *
 * @returns {Map<string, { comment: string, parent?: string, properties: Map<string, string> }>} by class
 */
export function entityComments() {
  const classes = new Map();
  for (const name of readdirSync(ENTITIES).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(fileURLToPath(new URL(name, ENTITIES)), 'utf8');
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    for (const node of source.statements.filter(ts.isClassDeclaration)) {
      classes.set(node.name.text, {
        comment: commentOf(node),
        parent: node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
          ?.types[0]?.expression.text,
        properties: new Map(
          node.members
            .filter(ts.isPropertyDeclaration)
            .map((member) => [member.name.text, commentOf(member)]),
        ),
      });
    }
  }
  return classes;
}

/** The comment of a property, from the class or from the one it extends that declares it. */
export function propertyComment(classes, className, property) {
  for (let at = classes.get(className); at !== undefined; at = classes.get(at.parent)) {
    const comment = at.properties.get(property);
    if (comment !== undefined) return comment;
  }
  return '';
}

function commentOf(node) {
  const [, ...tooMany] = node.jsDoc ?? [];
  if (tooMany.length > 0) throw new Error(`${node.name.text} has two doc comments`);
  return ts.getTextOfJSDocComment(node.jsDoc?.[0]?.comment) ?? '';
}
