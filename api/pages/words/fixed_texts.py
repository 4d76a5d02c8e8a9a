"""Compiles templates with the texts that have no places as parts of the page.

A page of two hundred proposals has thousands of such texts: the name of a column stands in each
cell, for a phone. The templates of a language are compiled for it alone, so that a text without
places is known when they are compiled, and need not be asked for in each row of each page.
"""

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

#: What templates call for a text, as `texts_of` of `words.language` makes it.
_TEXT_CALLS = frozenset({"_", "gettext"})


class FixedTexts(CodeGenerator):
    """Writes a text without places into the code of a template."""

    def visit_Call(  # noqa: N802 - the name that Jinja calls
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        """Write the text instead of a call for it, and of any other call the call itself: Jinja's
        own way looks first whether what is called asks for the context, which nothing here does."""
        text = self._fixed(node)
        if text is not None:
            self.write(repr(text))
            return
        self.visit(node.node, frame)
        self.write("(")
        for one in node.args:
            self.visit(one, frame)
            self.write(", ")
        for one in node.kwargs:
            self.write(f"{one.key}=")
            self.visit(one.value, frame)
            self.write(", ")
        for stars, given in (("*", node.dyn_args), ("**", node.dyn_kwargs)):
            if given is not None:
                self.write(stars)
                self.visit(given, frame)
                self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        """Join the text to what stands around it."""
        text = self._fixed(node)
        return super()._output_child_to_const(node, frame, finalize) if text is None else str(text)

    def _fixed(self, node: nodes.Node) -> Markup | None:
        """The text that a part of a template calls for; None: it is no text, or has places."""
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
            return None
        if node.node.name not in _TEXT_CALLS or len(node.args) != 1:
            return None
        message = node.args[0]
        has_places = node.kwargs or node.dyn_args or node.dyn_kwargs
        if has_places or not isinstance(message, nodes.Const):
            return None
        # Jinja2 declares these without the type of their values.
        names: dict[str, Any] = self.environment.globals  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return Markup(names[node.node.name](message.value))  # noqa: S704 (it is one already)
