export const GLYPH_WIDTH = 3;
export const GLYPH_HEIGHT = 5;

/** Three by five dots each: five octal digits, one a row from the top, the leftmost dot worth 4. */
const GLYPHS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ A: '25755', B: '65656', C: '34443', D: '65556', E: '74647', F: '74644', G: '34553', H: '55755', I: '72227' },
    ...{ J: '11152', K: '55655', L: '44447', M: '57755', N: '65555', O: '25552', P: '65644', Q: '25563', R: '65655' },
    ...{ S: '34216', T: '72222', U: '55557', V: '55552', W: '55775', X: '55255', Y: '55222', Z: '71247' },
    ...{ 0: '75557', 1: '26227', 2: '61247', 3: '61216', 4: '55711', 5: '74616', 6: '34757', 7: '71122', 8: '75757' },
    ...{ 9: '75716', '-': '00700', '.': '00002', ',': '00024', ':': '02020', '(': '12221', ')': '42224', '/': '11244' },
    ...{ '+': '02720', '=': '07070', '%': '51245', _: '00007', '?': '61202', ' ': '00000' },
  }),
);

/** Rows of dots of a character, three bits each; lower case is drawn as upper case, what is unknown as '?'. */
export function glyphRows(character: string): number[] {
  return [...(GLYPHS.get(character.toUpperCase()) ?? GLYPHS.get('?')!)].map(Number);
}
