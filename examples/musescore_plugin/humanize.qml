// Gives the notes of the open score a pianist's velocities: MuseScore 3, `humanize` installed.
//
// A note of the score is found in the exported MIDI by a tag, not by its place: the score is
// exported again with the note's number as its velocity, a digit an export, and the events of all
// exports correspond. Repeats, grace notes, arpeggios, octave lines and transposition need no rule.
// This is ECMAScript 5: the Qt of MuseScore's own builds knows nothing later.

import QtQuick 2.0
import QtQuick.Dialogs 1.1
import FileIO 3.0
import MuseScore 3.0

MuseScore {
    menuPath: "Plugins.Humanize velocities"
    description: "Gives every note the velocity a good pianist would"
    version: "1.0"
    requiresScore: true

    property string program: "humanize" // a full path where MuseScore does not find it
    property string options: ""         // such as "--strength 0.7 --dynamics ignore"
    property int base: 127              // velocities 1-127 are the digits of a tag

    QProcess { id: process }
    FileIO { id: file }
    MessageDialog {
        id: message
        title: "Humanize velocities"
        onVisibleChanged: if (!visible) Qt.quit()
    }

    onRun: {
        try {
            tell(humanize())
        } catch (error) {
            tell("Nothing changed: " + error.message)
        }
    }

    function humanize() {
        if (mscoreMajorVersion !== 3)
            throw new Error("MuseScore " + mscoreMajorVersion + " found; expected 3. "
                            + "Export MIDI and run " + program + " on it")
        var notes = notesOf(curScore)
        var played = table(options)
        var tags = tagsOf(notes)
        var sums = notes.map(function() { return { count: 0, before: 0, after: 0 } })
        for (var source in played) {
            var sum = sums[tags[source]]
            if (!sum)
                throw new Error("a note of the exported MIDI is none of the score's")
            sum.count += 1
            sum.before += played[source].before
            sum.after += played[source].after
        }
        return setVelocities(notes, sums)
    }

    function notesOf(score) {
        var notes = []
        function gather(chord) {
            for (var i = 0; i < chord.notes.length; i++)
                notes.push(chord.notes[i])
        }
        for (var segment = score.firstSegment(); segment; segment = segment.next) {
            for (var track = 0; track < score.ntracks; track++) {
                var element = segment.elementAt(track)
                if (!element || element.type !== Element.CHORD)
                    continue
                for (var i = 0; i < element.graceNotes.length; i++)
                    gather(element.graceNotes[i])
                gather(element)
            }
        }
        return notes
    }

    // A note played more than once, in a repeat or a trill, has room for one velocity: the mean.
    function setVelocities(notes, sums) {
        var changed = 0, played = 0
        for (var i = 0; i < notes.length; i++) {
            played += sums[i].count > 0
            if (sums[i].after === sums[i].before)
                continue
            setVelocity(notes[i], NoteValueType.USER_VAL,
                        Math.round(sums[i].after / sums[i].count))
            changed += 1
        }
        return changed + " of " + played + " played notes changed"
    }

    function setVelocity(note, type, value) {
        note.veloType = type
        note.veloOffset = value
    }

    // Event number in the MIDI file -> index in notes; the score is left as it was.
    function tagsOf(notes) {
        var originals = notes.map(function(note) {
            return { type: note.veloType, value: note.veloOffset }
        })
        var tags = {}
        try {
            for (var place = 1; place < Math.max(notes.length, 2); place *= base)
                addDigit(tags, notes, place)
        } finally {
            for (var i = 0; i < notes.length; i++)
                setVelocity(notes[i], originals[i].type, originals[i].value)
        }
        return tags
    }

    function addDigit(tags, notes, place) {
        for (var i = 0; i < notes.length; i++)
            setVelocity(notes[i], NoteValueType.USER_VAL, Math.floor(i / place) % base + 1)
        var rows = table("--strength 0")
        for (var source in rows)
            tags[source] = (tags[source] || 0) + (rows[source].before - 1) * place
    }

    // Exports the score, runs the program on it, and returns what it did to each event.
    function table(words) {
        var stem = file.tempPath() + "/humanize-" + Date.now() + "-"
                   + Math.floor(Math.random() * 1e9)
        var plain = stem + ".mid", result = stem + "-humanized.mid", dump = stem + ".csv"
        if (!writeScore(curScore, stem, "mid"))
            throw new Error(plain + " could not be written")
        try {
            process.start(program + " humanize \"" + plain + "\" -q " + words + " -o \"" + result
                          + "\" --dump \"" + dump + "\"")
            var finished = process.waitForFinished(600000)
            file.source = dump
            if (!finished || !file.exists())
                throw new Error("'" + program + "' gave no result; expected it to be installed. "
                                + "Export MIDI and run it in a terminal to see why")
            return parse(file.read())
        } finally {
            [plain, result, dump].forEach(remove)
        }
    }

    function remove(path) {
        file.source = path
        if (file.exists())
            file.remove()
    }

    function parse(text) {
        var lines = text.split("\n"), names = lines[0].split(","), rows = {}
        for (var i = 1; i < lines.length; i++) {
            if (!lines[i])
                continue
            var cells = lines[i].split(",")
            rows[cells[names.indexOf("source")]] = {
                before: Number(cells[names.indexOf("velocity_before")]),
                after: Number(cells[names.indexOf("velocity_after")])
            }
        }
        return rows
    }

    function tell(text) {
        console.log("humanize: " + text)
        message.text = text
        message.open()
    }
}
