"""Passwords that programs are given: as an option or an argument of a command, in a header, in their settings."""

from __future__ import annotations

import re

from lake.safeguards import words
from lake.safeguards.needs import Need, any_of, folded

MORE = r"(?:(?:[_.\d-]|(?-i:[A-Z]))[\w.-]{0,20})?"
"""The rest of a name: `password2`, `tokenSecret`, `secret_key`, but not `secretary`."""
OPENED = r"""(?:\\?["'`«“„]|[(\[{]{1,2}|<)?"""
QUOTES = r"""["'`«“„]"""
QUOTABLE = r"""[^\s"'`«»“”„<>]"""
VALUE = (
    OPENED
    + rf"""((?<={QUOTES})(?:{QUOTABLE}{{3,200}}|{QUOTABLE}{{1,2}}(?:[ ]{QUOTABLE}{{1,30}}){{2,12}}(?={QUOTES}))"""
    + rf"""|(?<!{QUOTES})(?!{QUOTES})"""
    + r"""(?:[^\s"'`«»“”„<>&,;(){}\[\]]|["'`(\[{)\]}](?=[\w!?$%&#*+-])"""
    + r"""|[&,;](?![\s"'(\[{<]|\Z|[\w. -]{1,30}[=:])){3,200})"""
)
"""One word; a quote, a bracket or a comma in it is part of it if it goes on, and no other name follows."""


def any_listed(listed: tuple[str, ...]) -> str:
    """A pattern for any of the words."""
    return any_of(map(folded, listed))


NAMED = rf"{any_listed((*words.PASSWORD, *words.KEY))}|(?<![^\W_])(?:{any_listed(words.SHORT)})(?![^\W_])"
REST = r"[^\n|;]{0,200}?\s"
"""Other options of a command."""
OPTION = re.compile(
    r"(?<!\S)--?(?:password|passwd|\w{0,12}pass|pwd|passphrase|token|secret|api[-_]?key|access[-_]?key|auth)[ =]+"
    + VALUE + r"|\bsshpass\s+-p\s*" + VALUE
    + rf"|\blogin\b{REST}-p[ =]+" + VALUE
    + rf"|\b(?:mysql|mysqldump|mysqladmin|mariadb)\b{REST}-p([^\s'\"-][^\s'\"]{{2,}})"
    + rf"|\b(?:7z[az]?|rar|unrar|arj)\b{REST}-(?:p|hp)[\"']?([^\s\"']{{3,}})"
    + rf"|\b(?:un)?zip\b{REST}-P\s*" + VALUE
    + rf"|\b(?:sqlcmd|bcp|isql|tsql|mosquitto_\w{{3,4}})\b{REST}-P\s*" + VALUE
    + rf"|\bredis-cli\b{REST}(?:-a|--pass)[ =]*" + VALUE
    + rf"|\b(?:mongo\w{{0,12}}|pg_\w{{4,12}}|useradd|usermod|rdesktop|ansible-vault)\b{REST}-p[ =]*" + VALUE
    + rf"|\bldap\w{{3,8}}\b{REST}-w\s*" + VALUE
    + rf"|\b(?:smbclient|rpcclient|net|mount)\b{REST}-U\s*[\"']?[^\s%\"']{{1,80}}%([^\s\"']{{3,}})"
    + rf"|\b(?:sqlplus|impdp|expdp|sqlldr|rman)\b{REST}[\"']?[\w.$]{{1,60}}/[\"']?([^\s@\"'/]{{3,}})"
    + r"|\bhtpasswd\s+(?:-\w+\s+){0,4}-\w{0,4}b\w{0,4}(?:\s+-\w+)?(?:\s+[^\s;|&]+){1,2}?\s+"
    + r"([^\s;|&]{3,})(?=\s*(?:\Z|[;|&\n]))"
    + r"|\bnet1?(?:\.exe)?\s+user\s+(?:\"[^\"]{1,60}\"|[^\s/]\S{0,60})\s+([^\s/*]\S{2,})"
    + r"|\bnet1?(?:\.exe)?\s+use\s[^\n]{0,200}?/user:\S{1,80}\s+([^\s/*]\S{2,})"
    + r"|\bnet1?(?:\.exe)?\s+use\s+(?:\w:\s+)?\\\\\S{1,120}\s+([^\s/*]\S{2,})"
    + r"|(?<=\s)/p(?:ass(?:word)?)?:" + VALUE
    + r"|\bpass(?:in|out)?[ =]pass:(\S{3,})"
    + r"|\bconvertto-securestring\s+(?:-(?!string)\w+\s+){0,3}(?:-string\s+)?(?!-)" + VALUE
    + rf"|\b(?:nmcli|netrc|machine|login)\b{REST}password\s+" + VALUE
    + r"|\bwpa_passphrase\s+(?:\"[^\"]{1,60}\"|\S{1,60})\s+" + VALUE
    + r"|\bpdftk\b[^\n|;]{0,200}?_pw\s+" + VALUE
    + r"|\bbw\s+(?:unlock|login\s+\S{1,80})\s+(?!-)" + VALUE
    + r"|\becho\s+(?:-\w+\s+)?[\"']?[\w.-]{1,60}:([^\s\"'|]{3,})[\"']?\s*\|\s*(?:sudo\s+)?chpasswd"
    + r"|\bchpasswd\s*<<<\s*[\"']?[\w.-]{1,60}:([^\s\"']{3,})"
    + r"|(?<!\S)(?:-u|--user|--proxy-user)[ =]?['\"]?[^\s:'\"]+:([^\s'\"]{3,})"
    + r"|\bauthorization['\"]?\s*[:=]\s*(?:['\"]\s*)?(?:(?:basic|bearer|token|apikey|digest|negotiate)\s*)?"
    + r"([^\s'\"]{8,})"
    + r"|\b(?:basic|bearer)\s+([A-Za-z0-9+/_.~-]{16,}=*)"
    + r"|\"auth\"\s*:\s*\"([A-Za-z0-9+/_=-]{8,})\""
    + rf"|\b(?:setx|setenv|config(?:ure)? set)\s+\S{{0,30}}?(?:{NAMED}){MORE}\s+{VALUE}"
    + r"|\becho\s+(?:-n\s+)?" + VALUE + r"[\"']?\s*\|\s*sudo\s[^\n|]{0,40}?-S\b"
    + r"|\becho\s+(?:-n\s+)?" + VALUE + r"[\"']?\s*\|\s*[^\n|]{1,80}?-stdin\b"
    + r"|\brclone\s+obscure\s+" + VALUE + r"|\bkinit\s*[^\n|;]{0,60}?<<<\s*" + VALUE
    + r"|\b(?:requirepass|masterauth)\s+" + VALUE
    + r"|=\s?password\s?\(\s?['\"]([^'\"\s]{3,100})"
    + r"|\bWIFI:[^\n]{0,120}?\bP:((?:\\.|[^;\\\s]){3,100})"
    + r"|\bjdbc:oracle:\w{1,40}:[^\s/@]{1,200}/([^\s@]{3,200})(?=@)"
    + r"|\bidentified\s+by\s+['\"]([^'\"]{3,})",
    re.IGNORECASE,
)  # fmt: skip
HAS_OPTION = Need(
    r"-(?<!\S-)(?:-?(?:\w{0,12}p|token|secret|api|access|auth)|u|-user|-proxy-user|w|a)|sshpass|authorization|basic\s"
    r"|bearer\s|setx|setenv|config|sudo\s|jdbc:oracle|identified\s|-hp|\"auth\"|net1?(?:\.exe)?\s+use|/p(?:ass(?:word)?)?:"
    r"|pass:|securestring|(?:nmcli|netrc|machine|login)\b[^\n|;]{0,200}?\spassword\s|wpa_passphrase|_pw\s|bw\s+|chpasswd|-stdin|obscure|kinit|requirepass|masterauth|password\s?\(|wifi:|htpasswd\s|sqlplus|impdp|expdp|sqlldr|rman"
)
"""Of `OPTION`, in folded text."""
