package dev.switchman.web;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.w3c.dom.Element;

/** A BPMN diagram as it was drawn, from its XML; can be written as SVG, with the way that a run took. */
final class Diagram {

    private static final double LINE = 14;
    private static final double LETTER = 6.3;
    private static final double MARGIN = 24;
    private static final Set<String> EVENTS = Set.of("startEvent", "endEvent", "boundaryEvent",
            "intermediateCatchEvent", "intermediateThrowEvent");

    private final List<Shape> shapes;
    private final List<Edge> edges;

    private Diagram(List<Shape> shapes, List<Edge> edges) {
        this.shapes = List.copyOf(shapes);
        this.edges = List.copyOf(edges);
    }

    /** @param kind the element's name: {@code serviceTask} … @param icon what its event means; empty for none */
    private record Shape(String id, String kind, String label, String icon, boolean dotted, boolean passing, Bounds at,
            Optional<Bounds> labelAt) {}

    private record Edge(String id, String source, String target, String label, boolean sequence, List<Point> points,
            Optional<Bounds> labelAt) {}

    /** A sequence flow. */
    record Flow(String id, String source, String target) {}

    private record Point(double x, double y) {}

    private record Bounds(double x, double y, double width, double height) {

        double midX() {
            return x + width / 2;
        }

        double midY() {
            return y + height / 2;
        }
    }

    /** @throws IllegalArgumentException when this is no BPMN */
    static Diagram read(String xml) {
        Element root = Xml.root(xml);
        Map<String, Element> elements = new HashMap<>();
        for (Element element : Xml.all(root, "*")) {
            if (element.hasAttribute("id")) {
                elements.put(element.getAttribute("id"), element);
            }
        }
        List<Shape> shapes = new ArrayList<>();
        for (Element drawn : Xml.all(root, "BPMNShape")) {
            Optional<Element> meant = Optional.ofNullable(elements.get(drawn.getAttribute("bpmnElement")));
            Optional<Bounds> bounds = Xml.child(drawn, "Bounds").map(Diagram::bounds);
            if (meant.isPresent() && bounds.isPresent()) {
                shapes.add(shape(meant.get(), bounds.get(), labelBounds(drawn)));
            }
        }
        List<Edge> edges = new ArrayList<>();
        for (Element drawn : Xml.all(root, "BPMNEdge")) {
            Optional<Element> meant = Optional.ofNullable(elements.get(drawn.getAttribute("bpmnElement")));
            List<Point> points = Xml.children(drawn, "waypoint")
                    .stream()
                    .map(point -> new Point(number(point, "x"), number(point, "y")))
                    .toList();
            if (meant.isPresent() && points.size() > 1) {
                Element flow = meant.get();
                edges.add(new Edge(flow.getAttribute("id"), flow.getAttribute("sourceRef"),
                        flow.getAttribute("targetRef"), Xml.line(flow.getAttribute("name")),
                        "sequenceFlow".equals(flow.getLocalName()), points, labelBounds(drawn)));
            }
        }
        return new Diagram(shapes, edges);
    }

    private static Shape shape(Element meant, Bounds at, Optional<Bounds> labelAt) {
        String kind = meant.getLocalName();
        String label = kind.equals("textAnnotation") ? Xml.text(meant, "text") : Xml.line(meant.getAttribute("name"));
        String icon = "";
        if (EVENTS.contains(kind)) {
            for (String meaning : List.of("error", "timer", "signal", "message", "terminate", "escalation")) {
                icon = Xml.child(meant, meaning + "EventDefinition").isPresent() ? meaning : icon;
            }
        }
        return new Shape(meant.getAttribute("id"), kind, label, icon,
                "true".equals(meant.getAttribute("triggeredByEvent")),
                "false".equals(meant.getAttribute("cancelActivity")), at, labelAt);
    }

    private static Optional<Bounds> labelBounds(Element drawn) {
        return Xml.child(drawn, "BPMNLabel").flatMap(label -> Xml.child(label, "Bounds")).map(Diagram::bounds);
    }

    private static Bounds bounds(Element element) {
        return new Bounds(number(element, "x"), number(element, "y"), number(element, "width"),
                number(element, "height"));
    }

    private static double number(Element element, String attribute) {
        try {
            return Double.parseDouble(element.getAttribute(attribute));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a stored diagram has no number as " + attribute + " of "
                    + element.getTagName() + ": \"" + element.getAttribute(attribute) + "\"", e);
        }
    }

    List<Flow> flows() {
        return edges.stream()
                .filter(Edge::sequence)
                .map(edge -> new Flow(edge.id(), edge.source(), edge.target()))
                .toList();
    }

    /** @return label of each box and event that has one */
    Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        shapes.stream()
                .filter(shape -> !shape.label().isEmpty())
                .forEach(
                        shape -> labels.put(shape.id(), shape.label()));
        return labels;
    }

    /**
     * Needs no script and fetches nothing; its looks come from the classes of {@code diagram.css}.
     *
     * @param name unique on the page
     * @param title what a screen reader says of it
     */
    String svg(String name, String title, Trail trail) {
        double left = Double.MAX_VALUE;
        double top = Double.MAX_VALUE;
        double right = 0;
        double bottom = 0;
        List<Bounds> all = new ArrayList<>();
        shapes.forEach(shape -> {
            all.add(shape.at());
            shape.labelAt().ifPresent(all::add);
        });
        edges.forEach(edge -> edge.points().forEach(point -> all.add(new Bounds(point.x(), point.y(), 0, 0))));
        if (all.isEmpty()) {
            all.add(new Bounds(0, 0, 10, 10));
        }
        for (Bounds bounds : all) {
            left = Math.min(left, bounds.x());
            top = Math.min(top, bounds.y());
            right = Math.max(right, bounds.x() + bounds.width());
            bottom = Math.max(bottom, bounds.y() + bounds.height());
        }
        StringBuilder svg = new StringBuilder(20_000);
        svg.append("<svg class=\"bpmn\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"")
                .append(num(left - MARGIN))
                .append(' ')
                .append(num(top - MARGIN))
                .append(' ')
                .append(num(right - left + 2 * MARGIN))
                .append(' ')
                .append(num(bottom - top + 2 * MARGIN))
                .append("\" aria-labelledby=\"")
                .append(Markup.escaped(name))
                .append("-title\"><title id=\"")
                .append(Markup.escaped(name))
                .append("-title\">")
                .append(Markup.escaped(title))
                .append("</title><defs>");
        for (String kind : List.of("idle", "taken")) {
            svg.append("<marker id=\"")
                    .append(Markup.escaped(name))
                    .append("-")
                    .append(kind)
                    .append("\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\"")
                    .append(" orient=\"auto\"><path class=\"arrow ")
                    .append(kind)
                    .append("\" d=\"M0 1 10 5 0 9z\"/></marker>");
        }
        svg.append("</defs>");
        shapes.stream().filter(shape -> shape.kind().equals("subProcess")).forEach(shape -> draw(svg, shape, trail));
        // What was taken lies above the rest.
        edges.stream().filter(edge -> !trail.took(edge.id())).forEach(edge -> draw(svg, name, edge, false));
        edges.stream().filter(edge -> trail.took(edge.id())).forEach(edge -> draw(svg, name, edge, true));
        shapes.stream().filter(shape -> !shape.kind().equals("subProcess")).forEach(shape -> draw(svg, shape, trail));
        return svg.append("</svg>").toString();
    }

    private static void draw(StringBuilder svg, String name, Edge edge, boolean taken) {
        String state = taken ? "taken" : "idle";
        svg.append("<g class=\"flow ").append(edge.sequence() ? state : "association").append("\"><polyline points=\"");
        edge.points().forEach(point -> svg.append(num(point.x())).append(',').append(num(point.y())).append(' '));
        svg.append('"');
        if (edge.sequence()) {
            svg.append(" marker-end=\"url(#").append(Markup.escaped(name)).append('-').append(state).append(")\"");
        }
        svg.append("/>");
        if (!edge.label().isEmpty()) {
            Bounds at = edge.labelAt().orElseGet(() -> {
                Point first = edge.points().get(0);
                Point second = edge.points().get(1);
                return new Bounds((first.x() + second.x()) / 2 - 20, (first.y() + second.y()) / 2 - LINE, 40, LINE);
            });
            text(svg, "flow-label", edge.label(), at.midX(), at.midY(), Math.max(at.width(), 60));
        }
        svg.append("</g>");
    }

    private static void draw(StringBuilder svg, Shape shape, Trail trail) {
        Bounds at = shape.at();
        svg.append("<g class=\"box ")
                .append(shape.kind().toLowerCase(Locale.ROOT))
                .append(' ')
                .append(trail.state(shape.id()).name().toLowerCase(Locale.ROOT))
                .append("\">");
        if (EVENTS.contains(shape.kind())) {
            event(svg, shape);
        } else if (shape.kind().endsWith("Gateway")) {
            gateway(svg, shape);
        } else if (shape.kind().equals("textAnnotation")) {
            svg.append("<path class=\"bracket\" d=\"M")
                    .append(num(at.x() + 10))
                    .append(' ')
                    .append(num(at.y()))
                    .append("H")
                    .append(num(at.x()))
                    .append("V")
                    .append(num(at.y() + at.height()))
                    .append("h10\"/>");
            text(svg, "note", shape.label(), at.midX(), at.midY(), at.width() - 8);
        } else if (shape.kind().equals("subProcess")) {
            svg.append("<rect class=\"frame").append(shape.dotted() ? " dotted" : "").append(rectangle(at, 10));
            text(svg, "label", shape.label(), at.midX(), at.y() + LINE, at.width() - 10);
        } else {
            svg.append("<rect class=\"shape").append(rectangle(at, 10));
            text(svg, "label", shape.label(), at.midX(), at.midY(), at.width() - 8);
        }
        trail.time(shape.id()).ifPresent(time -> {
            double width = time.length() * LETTER + 10;
            svg.append("<rect class=\"pill")
                    .append(rectangle(new Bounds(at.x() + at.width() - width + 8, at.y() - 11, width, 17), 8));
            svg.append("<text class=\"time\" x=\"")
                    .append(num(at.x() + at.width() - width / 2 + 8))
                    .append("\" y=\"")
                    .append(num(at.y() + 1.5))
                    .append("\">")
                    .append(Markup.escaped(time))
                    .append("</text>");
        });
        svg.append("</g>");
    }

    /** Closes the class attribute that the caller has opened. */
    private static String rectangle(Bounds at, double round) {
        return "\" x=\"" + num(at.x()) + "\" y=\"" + num(at.y()) + "\" width=\"" + num(at.width()) + "\" height=\""
                + num(at.height()) + "\" rx=\"" + num(round) + "\"/>";
    }

    private static void event(StringBuilder svg, Shape shape) {
        Bounds at = shape.at();
        double radius = at.width() / 2;
        svg.append("<circle class=\"shape")
                .append(shape.passing() ? " dotted" : "")
                .append("\" cx=\"")
                .append(num(at.midX()))
                .append("\" cy=\"")
                .append(num(at.midY()))
                .append("\" r=\"")
                .append(num(radius))
                .append("\"/>");
        if (shape.kind().equals("boundaryEvent") || shape.kind().startsWith("intermediate")) {
            svg.append("<circle class=\"ring\" cx=\"")
                    .append(num(at.midX()))
                    .append("\" cy=\"")
                    .append(num(at.midY()))
                    .append("\" r=\"")
                    .append(num(radius - 3.5))
                    .append("\"/>");
        }
        svg.append("<g transform=\"translate(")
                .append(num(at.midX()))
                .append(' ')
                .append(num(at.midY()))
                .append(")\">");
        switch (shape.icon()) {
            case "error" -> svg.append("<path class=\"icon\" d=\"M-7 7-3-6 2 0 7-7 3 6-2 0z\"/>");
            case "timer" ->
                svg.append("<circle class=\"icon\" r=\"9\"/><path class=\"icon\" d=\"M0-6V0L4 3\"/>");
            case "terminate" -> svg.append("<circle class=\"icon full\" r=\"9\"/>");
            case "" -> {
            }
            default -> svg.append("<path class=\"icon\" d=\"M0-8 8 6H-8z\"/>");
        }
        svg.append("</g>");
        Bounds label = shape.labelAt()
                .orElse(new Bounds(at.midX() - 45, at.y() + at.height() + 4, 90, 2 * LINE));
        top(svg, shape.label(), label);
    }

    private static void gateway(StringBuilder svg, Shape shape) {
        Bounds at = shape.at();
        svg.append("<path class=\"shape\" d=\"M")
                .append(num(at.midX()))
                .append(' ')
                .append(num(at.y()))
                .append("L")
                .append(num(at.x() + at.width()))
                .append(' ')
                .append(num(at.midY()))
                .append("L")
                .append(num(at.midX()))
                .append(' ')
                .append(num(at.y() + at.height()))
                .append("L")
                .append(num(at.x()))
                .append(' ')
                .append(num(at.midY()))
                .append("z\"/><path class=\"icon\" d=\"M")
                .append(num(at.midX() - 7))
                .append(' ')
                .append(num(at.midY() - 7))
                .append("l14 14m0-14-14 14\"/>");
        Bounds label = shape.labelAt().orElse(new Bounds(at.midX() - 45, at.y() - 2 * LINE, 90, 2 * LINE));
        top(svg, shape.label(), label);
    }

    private static void top(StringBuilder svg, String label, Bounds at) {
        text(svg, "label", label, at.midX(), at.midY(), Math.max(at.width(), 80));
    }

    /** Writes a text around this point, broken into lines no wider than that, as far as words allow. */
    private static void text(StringBuilder svg, String kind, String text, double x, double y, double width) {
        if (text.isEmpty()) {
            return;
        }
        List<String> lines = lines(text, Math.max(6, (int) (width / LETTER)));
        double first = y - (lines.size() - 1) * LINE / 2 + 4;
        svg.append("<text class=\"").append(kind).append("\">");
        for (int i = 0; i < lines.size(); i++) {
            svg.append("<tspan x=\"")
                    .append(num(x))
                    .append("\" y=\"")
                    .append(num(first + i * LINE))
                    .append("\">")
                    .append(Markup.escaped(lines.get(i)))
                    .append("</tspan>");
        }
        svg.append("</text>");
    }

    static List<String> lines(String text, int most) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > most) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private static String num(double value) {
        return value == Math.rint(value)
                ? String.valueOf((long) value)
                : String.format(Locale.ROOT, "%.1f", value);
    }
}
