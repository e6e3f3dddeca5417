package dev.switchman.web;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Reads XML that the engine has accepted once; fetches nothing, and takes no document type. */
final class Xml {

    private Xml() {}

    /** @throws IllegalArgumentException when it is no XML, or declares a document type */
    static Element root(String text) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text))).getDocumentElement();
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalArgumentException("a stored diagram cannot be read: " + e.getMessage(), e);
        }
    }

    /** @return all elements below with this name, whatever the prefix, in the document's order */
    static List<Element> all(Element under, String name) {
        return elements(under.getElementsByTagNameNS("*", name));
    }

    /** @return direct children with this name */
    static List<Element> children(Element of, String name) {
        return elements(of.getChildNodes()).stream().filter(child -> name.equals(child.getLocalName())).toList();
    }

    static Optional<Element> child(Element of, String name) {
        return children(of, name).stream().findFirst();
    }

    /** @return the direct child's text in one line; empty text when there is none */
    static String text(Element of, String child) {
        return child(of, child).map(found -> line(found.getTextContent())).orElse("");
    }

    static String line(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static List<Element> elements(NodeList nodes) {
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }
}
