// What can be asked, read off the schema: every argument, down to the fields of its inputs.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { buildSchema, getNamedType, isEnumType, isInputObjectType, isInterfaceType, isLeafType, isListType, isObjectType, isRequiredArgument,
  isUnionType, getNullableType } from "graphql";

const FILE = fileURLToPath(new URL("../../../graphql/schema.graphql", import.meta.url));
/** What is counted, weighed or chosen: none of these names anything of anybody's. */
const NAMELESS = new Set(["Boolean", "Float", "DateTime", "Decimal", "Cidr", "IpAddress", "CountryCode", "CurrencyCode"]);

export const TEXT = readFileSync(FILE, "utf8");
export const schema = buildSchema(TEXT);

/** Every object type of ours with its fields. */
function objects(of) {
  return Object.values(of.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith("__"));
}

/**
 * Every place at which a name, a number or a text can be given: where (`Mutation.startChallenge(input.loginId)`),
 * what declares it (`StartChallengeInput.loginId`), and how to get there.
 */
export function places(of = schema) {
  const ofField = (type, field) => field.args.flatMap((argument) => below(type, field, argument, `${type.name}.${field.name}(${argument.name})`, [argument.name]));
  return objects(of).flatMap((type) => Object.values(type.getFields()).flatMap((field) => ofField(type, field)));
}

function below(type, field, { type: given }, source, steps) {
  const named = getNamedType(given);
  if (isInputObjectType(named)) {
    return Object.values(named.getFields()).flatMap((input) => below(type, field, input, `${named.name}.${input.name}`, [...steps, input.name]));
  }
  if (isEnumType(named) || NAMELESS.has(named.name)) return [];
  return [{ where: `${type.name}.${field.name}(${steps.join(".")})`, type: type.name, field: field.name, source, steps, list: isListType(getNullableType(given)) }];
}

/**
 * A selection of all that can be read of a type without saying more, so deep; lists by their first few.
 * `skip` holds fields, as `Type.field`, that are not asked.
 */
export function selection(type, depth, skip = new Set()) {
  if (isLeafType(type)) return "";
  const abstract = isUnionType(type) || isInterfaceType(type);
  const kinds = abstract ? schema.getPossibleTypes(type) : [type];
  const bodies = kinds.map((kind) => (abstract ? `... on ${kind.name} { ${fields(kind, depth, skip)} }` : fields(kind, depth, skip)));
  return `{ __typename ${bodies.join(" ")} }`;
}

function fields(type, depth, skip) {
  return Object.values(type.getFields())
    .filter((field) => !skip.has(`${type.name}.${field.name}`) && !field.args.some(isRequiredArgument))
    .flatMap((field) => {
      const named = getNamedType(field.type);
      if (isLeafType(named)) return [aliased(type, field)];
      return depth > 0 ? [`${aliased(type, field)} ${selection(named, depth - 1, skip)}`] : [];
    })
    .join(" ");
}

/** Fields of one name and different types must not meet in one answer. */
function aliased(type, field) {
  const few = field.args.some(({ name }) => name === "first") ? "(first: 3)" : "";
  return `${type.name}_${field.name}: ${field.name}${few}`;
}
