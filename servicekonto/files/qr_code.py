"""QR codes for printed documents."""

import io

import segno


def svg(text: str) -> str:
    """Black on nothing, without a margin: the document leaves the quiet zone of four modules around it."""
    drawn = io.BytesIO()
    # Level M survives a fold or a coffee stain; the micro kinds are unknown to many telephones.
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=0, xmldecl=False, svgclass=None, nl=False)
    return drawn.getvalue().decode()
