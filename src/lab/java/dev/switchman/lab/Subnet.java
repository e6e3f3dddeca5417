package dev.switchman.lab;

/** One of the networks that labs are made in: {@code 10.77.<third>.0/24}. */
record Subnet(int third) {

    static final int FIRST = 16;
    static final int LAST = 250;

    private static final String PREFIX = "10.77.";

    static boolean isLab(String cidr) {
        return cidr.startsWith(PREFIX) && cidr.endsWith(".0/24");
    }

    String cidr() {
        return PREFIX + third + ".0/24";
    }

    /** @return this machine's own address on the lab's bridge */
    String gateway() {
        return address(1);
    }

    /** @param number from 1 */
    String node(int number) {
        return address(10 + number);
    }

    String virtualIp() {
        return address(100);
    }

    private String address(int last) {
        return PREFIX + third + "." + last;
    }
}
