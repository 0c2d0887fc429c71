"""File formats of the sample organisation, by extension.

A writer turns a document into bytes and touches no disk; mailboxes, which hold several documents,
are written by ``data.sample.writers.mail``.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from data.sample.document import Document
from data.sample.writers.mail import write_eml
from data.sample.writers.odf import write_odt
from data.sample.writers.ooxml import write_docx, write_pptx, write_xlsx
from data.sample.writers.pdf import write_pdf
from data.sample.writers.plain import write_html, write_md, write_rtf, write_txt

WRITERS: Mapping[str, Callable[[Document], bytes]] = MappingProxyType(
    {
        "docx": write_docx,
        "eml": write_eml,
        "html": write_html,
        "md": write_md,
        "odt": write_odt,
        "pdf": write_pdf,
        "pptx": write_pptx,
        "rtf": write_rtf,
        "txt": write_txt,
        "xlsx": write_xlsx,
    }
)

__all__ = ["WRITERS"]
