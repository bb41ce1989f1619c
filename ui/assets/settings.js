// The settings of the chat, which Gradio sends along with a question: read with no patch, changed with one.
footnote.settings = (patch) => {
  if (patch) {
    props.value = { ...props.value, ...patch };
    document.dispatchEvent(new Event("footnote:settings"));
  }
  return props.value;
};
