"""Furniture of a PowerPoint file: theme, master and layout, which its readers insist on.

It holds no content of its own.
"""

from data.sample.writers.package import xml

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_POWER = "http://schemas.openxmlformats.org/presentationml/2006/main"
_MEDIA = "application/vnd.openxmlformats-officedocument"
_SPACES = f'xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}" xmlns:p="{_POWER}"'
_ROOT = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
_COLOURS = {
    "dk1": "000000",
    "lt1": "FFFFFF",
    "dk2": "1F3A4D",
    "lt2": "E8EEF1",
    "accent1": "2E6F8E",
    "accent2": "7A9E3B",
    "accent3": "C8842C",
    "accent4": "8A4F7D",
    "accent5": "4D7C7A",
    "accent6": "B0563F",
    "hlink": "2E6F8E",
    "folHlink": "8A4F7D",
}
_MAP = (
    '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" '
    'accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" '
    'folHlink="folHlink"/>'
)

Parts = dict[str, tuple[str, str]]
Related = dict[str, list[tuple[str, str]]]


def slide_furniture(slides: int) -> tuple[Parts, Related]:
    """Parts of a presentation of some slides (without these), and how the parts are related."""
    parts: Parts = {
        "ppt/presentation.xml": (f"{_MEDIA}.presentationml.presentation.main+xml", _main(slides)),
        "ppt/slideMasters/slideMaster1.xml": (
            f"{_MEDIA}.presentationml.slideMaster+xml",
            f"{_HEAD}<p:sldMaster {_SPACES}><p:cSld><p:spTree>{_ROOT}</p:spTree></p:cSld>{_MAP}"
            '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst>'
            "</p:sldMaster>",
        ),
        "ppt/slideLayouts/slideLayout1.xml": (
            f"{_MEDIA}.presentationml.slideLayout+xml",
            f"{_HEAD}<p:sldLayout {_SPACES}><p:cSld><p:spTree>{_ROOT}</p:spTree></p:cSld>"
            "</p:sldLayout>",
        ),
        "ppt/theme/theme1.xml": (f"{_MEDIA}.theme+xml", _theme()),
    }
    related: Related = {
        "ppt/presentation.xml": [
            ("slideMaster", "slideMasters/slideMaster1.xml"),
            *(("slide", f"slides/slide{number}.xml") for number in range(1, slides + 1)),
        ],
        "ppt/slideMasters/slideMaster1.xml": [
            ("slideLayout", "../slideLayouts/slideLayout1.xml"),
            ("theme", "../theme/theme1.xml"),
        ],
        "ppt/slideLayouts/slideLayout1.xml": [("slideMaster", "../slideMasters/slideMaster1.xml")],
    }
    return parts, related


def slide_xml(title: str, lines: list[str]) -> str:
    """A slide with a title and a box of lines."""
    shapes = _shape(2, "Title", [title], top=400_000, size=3200)
    if lines:
        shapes += _shape(3, "Content", lines, top=1_700_000, size=1800)
    return f"<p:sld {_SPACES}><p:cSld><p:spTree>{_ROOT}{shapes}</p:spTree></p:cSld></p:sld>"


def _shape(number: int, name: str, lines: list[str], *, top: int, size: int) -> str:
    text = "".join(
        f'<a:p><a:r><a:rPr lang="en-GB" sz="{size}"/><a:t>{xml(line)}</a:t></a:r></a:p>'
        for line in lines
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/>'
        f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="600000" y="{top}"/><a:ext cx="7900000" '
        f'cy="1000000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f'<p:txBody><a:bodyPr wrap="square"/><a:lstStyle/>{text}</p:txBody></p:sp>'
    )


def _main(slides: int) -> str:
    listed = "".join(
        f'<p:sldId id="{255 + number}" r:id="rId{number + 1}"/>' for number in range(1, slides + 1)
    )
    return (
        f'{_HEAD}<p:presentation {_SPACES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" '
        f'r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>{listed}</p:sldIdLst>'
        '<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
        "</p:presentation>"
    )


def _theme() -> str:
    colours = "".join(
        f'<a:{name}><a:srgbClr val="{tint}"/></a:{name}>' for name, tint in _COLOURS.items()
    )
    font = '<a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'{_HEAD}<a:theme xmlns:a="{_DRAWING}" name="Plain"><a:themeElements>'
        f'<a:clrScheme name="Plain">{colours}</a:clrScheme><a:fontScheme name="Plain">'
        f"<a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Plain"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>'
        f"{f'<a:ln>{fill}</a:ln>' * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}"
        f"</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>"
    )
