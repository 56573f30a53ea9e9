import {
  Composer,
  type CST,
  type Document,
  isCollection,
  Lexer,
  Parser,
  parseAllDocuments,
  visit,
} from 'yaml';

/**
 * Two values under one key are for those to judge who read the objects. Behind `%YAML 1.1` names of keys are the texts that
 * they are, too, where that version's schema makes a symbol of `<<`.
 */
const OPTIONS = { uniqueKeys: false, schema: 'core' } as const;

/**
 * The documents of a text, with their errors. Where YAML 1.2 forbids what kubectl and Helm take (go-yaml, a libyaml in
 * Go), they are what those read: quoted texts and flow collections may go on, and end, further left than the values of
 * their key stand, and a comment may stand right behind a quote or a bracket.
 */
export function documentsIn(source: string): Document[] {
  const text = withoutMarks(source);
  const documents = [...parseAllDocuments(text, OPTIONS)] as Document[];
  if (documents.every(({ errors }) => errors.length === 0)) return documents;
  const lax = [...new Composer(OPTIONS).compose(laxTokens(text))] as Document[];
  const others = lax.flatMap(({ errors }) => errors).filter((error) => !isOfComment(error));
  if (others.length > 0) return documents;
  for (const document of lax) document.errors = [];
  return lax;
}

/** Whether a key is no scalar anywhere in a document. */
export function hasMappingAsKey(document: Document): boolean {
  let found = false;
  visit(document, {
    Pair: (_, { key }) => {
      found ||= isCollection(key);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/**
 * An empty line for each byte order mark with which a document begins, so that all else keeps its place: files that were
 * saved with one and joined have them. kubectl reads each document by itself (apimachinery, `splitYAMLDocument`), and takes a
 * mark off its beginning; `yaml` does so for the whole text alone.
 */
function withoutMarks(source: string): string {
  return source.replace(/^(---.*\r?\n)\ufeff/gm, '$1\n');
}

function* laxTokens(source: string): Generator<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new LaxLexer().lex(source)) yield* parser.next(lexeme);
  yield* parser.end();
}

/** Whether an error is that of a comment without a space in front of it, which has been read all the same. */
const isOfComment = ({ message }: Error) => message.startsWith('Comments must be separated');

/** The inside of the lexer of `yaml`, which its types do not show. */
interface LexerInside {
  /** How far a line has to be indented to go on with what is read. */
  indentNext: number;
  parseFlowCollection(): Generator<string, string>;
  parseQuotedScalar(): Generator<string, string>;
}

const OpenLexer = Lexer as unknown as new () => Pick<Lexer, 'lex'> & LexerInside;

/** A lexer for which only the marks of documents end what stands in brackets or quotes, and no indentation does. */
class LaxLexer extends OpenLexer {
  override parseFlowCollection(): Generator<string, string> {
    return this.withoutIndentation(super.parseFlowCollection());
  }

  override parseQuotedScalar(): Generator<string, string> {
    return this.withoutIndentation(super.parseQuotedScalar());
  }

  private *withoutIndentation(lexemes: Generator<string, string>): Generator<string, string> {
    const { indentNext } = this;
    this.indentNext = 0;
    const next = yield* lexemes;
    this.indentNext = indentNext;
    return next;
  }
}
