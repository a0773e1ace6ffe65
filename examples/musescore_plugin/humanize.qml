// Gives the notes of the open score a pianist's velocities: MuseScore 3 or 4, `humanize` installed.
//
// MuseScore 3 exports MIDI. A note of the score is found in it by a tag, not by its place: the score
// is exported again with the note's number as its velocity, a digit an export, and the events of all
// exports correspond. Repeats, grace notes, arpeggios, octave lines and transposition need no rule.
// MuseScore 4 exports nothing for a plugin: what its notes, ties, dynamics, words and tempo marks say
// is written as MusicXML here, and the velocities come back as the "dynamics" of its notes.
// This is ECMAScript 5: the Qt of MuseScore's own builds knows nothing later.

import QtQuick 2.0
import FileIO 3.0
import MuseScore 3.0

MuseScore {
    menuPath: "Plugins.Humanize velocities"
    description: "Gives every note the velocity a good pianist would"
    version: "1.1"
    requiresScore: true
    //4.4 title: "Humanize velocities"
    //4.4 categoryCode: "playback"

    property string program: "humanize" // a full path where MuseScore does not find it
    property string options: ""         // such as "--strength 0.7 --dynamics ignore"
    property int base: 127              // velocities 1-127 are the digits of a tag

    property int major: mscoreMajorVersion
    property var score: null            // the open one
    property var runner: process
    property var symbols: typeof SymId === "undefined" ? {} : SymId

    QProcess { id: process }
    FileIO { id: file }

    onRun: {
        score = score || curScore
        try {
            tell(major === 3 ? humanizeMidi() : humanizeText())
        } catch (error) {
            tell("Nothing changed: " + error.message)
        }
    }

    function humanizeMidi() {
        var notes = notesOf(score)
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
        note[major === 3 ? "veloOffset" : "userVelocity"] = value
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
        var stem = temporary()
        var plain = stem + ".mid", result = stem + "-humanized.mid", dump = stem + ".csv"
        if (!writeScore(score, stem, "mid"))
            throw new Error(plain + " could not be written")
        try {
            return parse(execute(plain, words, result, ["--dump", dump], dump))
        } finally {
            [plain, result, dump].forEach(remove)
        }
    }

    function temporary() {
        return file.tempPath() + "/humanize-" + Date.now() + "-" + Math.floor(Math.random() * 1e9)
    }

    // Runs the program on a file and returns the text of what it wrote.
    function execute(plain, words, result, more, wanted) {
        var said = (words.match(/"[^"]*"|[^\s"]+/g) || []).map(function(word) {
            return word.replace(/"/g, "")
        })
        var list = ["humanize", plain, "-q"].concat(said, ["-o", result], more)
        if (runner.startWithArgs)
            runner.startWithArgs(program, list)
        else
            runner.start("\"" + [program].concat(list).join("\" \"") + "\"")
        var finished = runner.waitForFinished(600000)
        file.source = wanted
        if (!finished || !file.exists())
            throw new Error("'" + program + "' gave no result; expected it to be installed. "
                            + "Export MIDI and run it in a terminal to see why")
        return file.read()
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

    function humanizeText() {
        var stem = temporary()
        var plain = stem + ".musicxml", result = stem + "-humanized.musicxml"
        var written = scoreText()
        file.source = plain
        if (!file.write(written.text))
            throw new Error(plain + " could not be written")
        try {
            var tags = execute(plain, options, result, [], result).match(/<note\b[^>]*>/g) || []
            if (tags.length !== written.notes.length)
                throw new Error(tags.length + " notes came back; expected " + written.notes.length)
            return setFromTags(written.notes, tags)
        } finally {
            [plain, result].forEach(remove)
        }
    }

    function setFromTags(notes, tags) {
        var changed = 0
        if (score.startCmd)
            score.startCmd("Humanize velocities")
        for (var i = 0; i < notes.length; i++) {
            var found = / dynamics="([0-9.]+)"/.exec(tags[i])
            if (!found)
                continue
            setVelocity(notes[i], NoteValueType.USER_VAL, Math.round(0.9 * found[1]))
            changed += 1
        }
        if (score.endCmd)
            score.endCmd()
        return changed + " of " + notes.length + " notes changed"
    }

    // The score as MusicXML, and its notes in that order. Percussion is left out.
    function scoreText() {
        var names = "", bodies = "", notes = []
        for (var i = 0; i < score.parts.length; i++) {
            var part = score.parts[i]
            if (part.hasDrumStaff)
                continue
            names += "<score-part id=\"P" + i + "\"><part-name>" + escaped(part.partName)
                     + "</part-name><midi-instrument id=\"P" + i + "-I\"><midi-program>"
                     + (part.midiProgram + 1) + "</midi-program></midi-instrument></score-part>"
            bodies += "<part id=\"P" + i + "\">" + measuresText(part, notes) + "</part>"
        }
        return {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><score-partwise version=\"4.0\">"
                  + "<part-list>" + names + "</part-list>" + bodies + "</score-partwise>",
            notes: notes
        }
    }

    function measuresText(part, notes) {
        var text = "", number = 0, metre = ""
        for (var measure = score.firstMeasure; measure; measure = measure.nextMeasure) {
            var own = metreText(measure)
            var head = number++ ? "" : "<divisions>" + division + "</divisions>"
            var staves = head ? "<staves>" + (part.endTrack - part.startTrack) / 4 + "</staves>" : ""
            text += "<measure number=\"" + number + "\"><attributes>" + head
                    + (own === metre ? "" : own) + staves + "</attributes>"
                    + tracksText(part, measure, notes) + "</measure>"
            metre = own
        }
        return text
    }

    function metreText(measure) {
        var metre = measure.timesigNominal || measure.timesigActual
        return metre ? "<time><beats>" + metre.numerator + "</beats><beat-type>" + metre.denominator
                       + "</beat-type></time>" : ""
    }

    function tracksText(part, measure, notes) {
        var begin = measure.firstSegment.tick, end = measure.lastSegment.tick
        var now = begin, text = ""
        function move(tick) {
            if (tick !== now)
                text += (tick > now ? "<forward><duration>" + (tick - now) + "</duration></forward>"
                                    : "<backup><duration>" + (now - tick) + "</duration></backup>")
            now = tick
        }
        for (var segment = measure.firstSegment; segment; segment = segment.nextInMeasure) {
            for (var i = 0; i < segment.annotations.length; i++) {
                var track = segment.annotations[i].track
                var direction = directionText(segment.annotations[i])
                if (direction && track >= part.startTrack && track < part.endTrack) {
                    move(segment.tick)
                    text += "<direction>" + direction[0] + staffText(part, track) + direction[1]
                            + "</direction>"
                }
            }
        }
        for (var voice = part.startTrack; voice < part.endTrack; voice++) {
            var places = chordsOf(measure, voice)
            for (var c = 0; c < places.length; c++) {
                var next = c + 1 < places.length ? places[c + 1].tick : end
                var chord = places[c].element
                if (chord.type !== Element.CHORD)
                    continue
                move(places[c].tick)
                var ticks = chord.actualDuration ? chord.actualDuration.ticks : next - now
                var place = "<voice>" + (voice - part.startTrack + 1) + "</voice>"
                            + staffText(part, voice)
                for (var g = 0; g < chord.graceNotes.length; g++)
                    text += notesText(chord.graceNotes[g], "<grace/>", "", place, notes)
                text += notesText(chord, "", "<duration>" + ticks + "</duration>", place, notes)
                now += ticks
            }
        }
        move(end)
        return text
    }

    function chordsOf(measure, track) {
        var found = []
        for (var segment = measure.firstSegment; segment; segment = segment.nextInMeasure) {
            var element = segment.elementAt(track)
            if (element && (element.type === Element.CHORD || element.type === Element.REST))
                found.push({ tick: segment.tick, element: element })
        }
        return found
    }

    function staffText(part, track) {
        return "<staff>" + (Math.floor((track - part.startTrack) / 4) + 1) + "</staff>"
    }

    function notesText(chord, grace, duration, place, notes) {
        var text = ""
        for (var i = 0; i < chord.notes.length; i++) {
            var note = chord.notes[i]
            notes.push(note)
            text += "<note>" + grace + (i ? "<chord/>" : "") + pitchText(note.pitch) + duration
                    + (note.tieBack ? "<tie type=\"stop\"/>" : "")
                    + (note.tieForward ? "<tie type=\"start\"/>" : "") + place
                    + articulationsText(chord) + "</note>"
        }
        return text
    }

    function pitchText(pitch) {
        var name = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"][pitch % 12]
        return "<pitch><step>" + name[0] + "</step>" + (name[1] ? "<alter>1</alter>" : "")
               + "<octave>" + (Math.floor(pitch / 12) - 1) + "</octave></pitch>"
    }

    // MuseScore tells a plugin articulations from 4.6 on.
    function articulationsText(chord) {
        var names = { articAccent: "accent", articMarcato: "strong-accent", articTenuto: "tenuto",
                      articStaccato: "staccato", articStaccatissimo: "staccatissimo" }
        var text = ""
        for (var i = 0; chord.articulations && i < chord.articulations.length; i++) {
            for (var name in names) {
                var symbol = chord.articulations[i].symbol
                if (symbol === symbols[name + "Above"] || symbol === symbols[name + "Below"])
                    text += "<" + names[name] + "/>"
            }
        }
        return text && "<notations><articulations>" + text + "</articulations></notations>"
    }

    // What comes before and behind the staff of a direction; nothing where none is heard.
    function directionText(mark) {
        if (mark.type === Element.TEMPO_TEXT)
            return ["<direction-type><words/></direction-type>",
                    "<sound tempo=\"" + 60 * mark.tempo + "\"/>"]
        var said = [Element.DYNAMIC, Element.STAFF_TEXT, Element.SYSTEM_TEXT, Element.EXPRESSION]
        if (!mark.text || said.indexOf(mark.type) < 0)
            return null
        var letters = { Piano: "p", Mezzo: "m", Forte: "f", Rinforzando: "r", Sforzando: "s", Z: "z",
                        Niente: "n" }
        var text = mark.text.replace(/<sym>dynamic(\w+)<\/sym>/g, function(all, name) {
            return letters[name] || name.toLowerCase()
        }).replace(/<[^>]*>/g, "")
        return ["<direction-type><words>" + escaped(text) + "</words></direction-type>", ""]
    }

    function escaped(text) {
        return String(text).replace(/&(?!\w+;)/g, "&amp;").replace(/</g, "&lt;")
    }

    function tell(text) {
        console.log("humanize: " + text)
        var message = dialog("QtQuick.Dialogs 1.1") || dialog("MuseScore 3.0") // 4.4 has Qt 6
        if (!message)
            return
        message.text = text
        message.open()
    }

    function leave() {
        (typeof quit === "undefined" ? Qt.quit : quit)()
    }

    function dialog(module) {
        try {
            return Qt.createQmlObject("import " + module + "; MessageDialog {"
                                      + "title: \"Humanize velocities\";"
                                      + "onVisibleChanged: if (!visible) leave() }", file)
        } catch (error) {
            return null
        }
    }
}
