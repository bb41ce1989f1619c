"""Chat models: from a name to LangChain's object, what their failures mean, which there are, and getting one."""
