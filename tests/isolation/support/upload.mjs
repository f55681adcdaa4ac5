// Files, as a browser sends them.

/** A file of users or tenants, as a multipart form; the answer. */
export async function upload(firm, credential, name, file) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
  const query = `mutation($input: ${type}) { ${name}(input: $input) { job { id } userErrors { code message field } } }`;
  const form = new FormData();
  form.set("operations", JSON.stringify({ query, variables: { input: { file: null } } }));
  form.set("map", JSON.stringify({ 0: ["variables.input.file"] }));
  form.set("0", new Blob([file], { type: "text/csv" }), "users.csv");
  const options = { method: "POST", headers: { ...firm.credentials[credential], "x-postern-csrf": "1" }, body: form };
  // Whoever may not is told so before the form is read, and may meet a closed door while still sending it.
  for (let left = 5; ; left -= 1) {
    const answer = await fetch(`${firm.house.url}/graphql`, options).catch((error) => error);
    if (!(answer instanceof Error)) return answer;
    if (left === 0) throw answer;
  }
}
