"""Begin an import: the channel, the place of the past, and the run that remembers how far it is."""

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta

from ordito.channels.channels import read_channels
from ordito.channels.types import Channel, CreateChannel
from ordito.flows.manage_channels import create_channel
from ordito.flows.manage_locations import ensure_history_location
from ordito.flows.manage_policies import create_policy
from ordito.intake import imports
from ordito.intake.imports import ImportedFile, ImportRun
from ordito.intake.presets import Preset
from ordito.intake.types import Mode
from ordito.kernel.asks import Ask
from ordito.kernel.ids import new_id
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import NotFound
from ordito.sourcing.policies import DEFAULT_POLICY
from ordito.sourcing.stored_policies import CreatePolicy, read_current

FILES_MAX = 1_000
FALLBACK_CURRENCY = "EUR"
DEFAULT_CODE = "default"


class BeginImport(Ask, frozen=True, kw_only=True):
    """Files to be taken by one preset into one channel.

    create_channel: make the channel, as the preset describes it, when there is none.
    """

    channel: str
    preset: Preset
    files: Annotated[tuple[ImportedFile, ...], Meta(min_length=1, max_length=FILES_MAX)]
    create_channel: bool = False

    @property
    def mode(self) -> Mode:
        return self.preset.mode


class ImportBegun(msgspec.Struct, frozen=True):
    """The run, and the preset with what the channel adds to it.

    fresh:           False when the same files were imported (or begun) before.
    channel_created: True when the channel was made for this import.
    """

    run: ImportRun
    preset: Preset
    fresh: bool
    channel_created: bool


class PrepareChannel(Ask, frozen=True, kw_only=True):
    """A channel that the import will make unless it is there."""

    channel: str


class ChannelPrepared(msgspec.Struct, frozen=True):
    policy_created: bool


@command(permission="intake.write")
def prepare_channel(tx: Tx, ask: PrepareChannel) -> ChannelPrepared:
    """Make the default sourcing policy when a channel is to be made and there is no policy."""
    if any(channel.code == ask.channel for channel in read_channels(tx)) or read_current(tx):
        return ChannelPrepared(False)
    tx.actor.require("settings.write")
    create_policy(tx, CreatePolicy(code=DEFAULT_CODE, name="Default", policy=DEFAULT_POLICY))
    return ChannelPrepared(True)


@command(permission="intake.write")
def begin_import(tx: Tx, ask: BeginImport) -> ImportBegun:
    """Find or begin the import of these files; the same files are one import for ever."""
    channel, created = _find_channel(tx, ask)
    if ask.mode == "history":
        ensure_history_location(tx)
    id_ = new_id()
    run = imports.insert_run(
        tx,
        ImportRun(
            id=id_,
            channel_id=channel.id,
            preset=ask.preset.code,
            mode=ask.mode,
            fingerprint=_fingerprint(ask),
            files=list(ask.files),
            state="running",
            position=0,
            position_back=0,
            tallies={},
            duplicates=0,
            actor_id=tx.actor.id,
            started_at=tx.now,
            updated_at=tx.now,
        ),
    )
    return ImportBegun(run, complete_preset(ask.preset, channel), run.id == id_, created)


def _fingerprint(ask: BeginImport) -> bytes:
    content = [ask.preset.code, ask.mode, [file.content for file in ask.files]]
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=16).digest()


def complete_preset(preset: Preset, channel: Channel) -> Preset:
    """The preset with the channel's currency and time zone where it says nothing."""
    if preset.currency:
        return preset
    timezone = channel.time_zone if preset.timezone == "UTC" else preset.timezone
    return msgspec.structs.replace(preset, currency=channel.currency, timezone=timezone)


def _find_channel(tx: Tx, ask: BeginImport) -> tuple[Channel, bool]:
    channel = next((c for c in read_channels(tx) if c.code == ask.channel), None)
    if channel is not None and tx.actor.sees_channel(channel.id):
        return channel, False
    if channel is not None or not ask.create_channel:
        raise NotFound(
            f"There is no channel “{ask.channel[:60]}”, or you don't see it. Create it first"
            " (POST /api/v1/channels), or import with --create-channel."
        )
    tx.actor.require("settings.write")
    preset = ask.preset
    made = create_channel(
        tx,
        CreateChannel(
            code=ask.channel,
            name=ask.channel,
            kind="file",
            currency=preset.currency or FALLBACK_CURRENCY,
            policy=_policy_code(tx),
            time_zone=preset.timezone,
            tax_included=preset.tax != "excluded",
        ),
    )
    return made, True


def _policy_code(tx: Tx) -> str:
    codes = [policy.code for policy in read_current(tx)]
    assert codes, "prepare_channel came first"
    return DEFAULT_CODE if DEFAULT_CODE in codes else codes[0]
