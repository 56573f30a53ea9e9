package acme;

/** Something to put into an image. */
public final class Shop {
  public static void main(String[] arguments) {
    System.out.println("open");
  }
}
